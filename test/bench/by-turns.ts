import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

import type { Candidate } from './candidates.ts';
import { type GatewayProcess, type Setting, startGateway } from './gateway-process.ts';
import type { Window } from './results.ts';
import type { LoadScenario } from './scenarios.ts';
import { Load, type Timing } from './window.ts';

/** Into so many a window is cut. */
const TURNS = 40;

/**
 * Measures candidates that differ by little: all of them run at once, and short windows go from one to the next and
 * back. A machine whose speed changes from one minute to the next is as slow for each of them as for the others.
 *
 * @param candidates made anew for each round
 * @returns the windows of each candidate, those of one turn with one number. Throws on a wrong answer
 */
export async function measureByTurns(
  candidates: () => readonly Candidate[],
  scenario: LoadScenario,
  rounds: number,
  setting: Setting,
  timing: Timing,
  turns = TURNS,
): Promise<Window[][]> {
  const windows: Window[][] = [];
  for (let round = 0; round < rounds; round += 1) {
    const measured = await measureRound(candidates(), scenario, setting, timing, turns);
    for (const [index, some] of measured.entries())
      (windows[index] ??= []).push(...some.map((row) => ({ ...row, round: round * turns + row.round })));
  }
  return windows;
}

async function measureRound(
  candidates: readonly Candidate[],
  scenario: LoadScenario,
  setting: Setting,
  { warmUpSeconds, windowSeconds }: Timing,
  turns: number,
): Promise<Window[][]> {
  await using started = new AsyncDisposableStack();
  const running: GatewayProcess[] = [];
  for (const candidate of candidates) {
    const folder = mkdtempSync(join(setting.folder, 'turns-'));
    const gateway = await startGateway(candidate, { ...setting, folder });
    started.defer(() => gateway.stop());
    running.push(gateway);
  }
  const loads = running.map((gateway) => started.use(new Load(gateway, scenario, setting)));
  // Each is to have compiled what it needs before anything counts.
  for (const each of loads) await each.window({ warmUpSeconds, windowSeconds: warmUpSeconds });
  const timing = { warmUpSeconds: warmUpSeconds / turns, windowSeconds: windowSeconds / turns };
  const windows = candidates.map((): Window[] => []);
  for (let turn = 1; turn <= turns; turn += 1) {
    const order = [...loads.entries()];
    if (turn % 2 === 0) order.reverse();
    for (const [index, each] of order) {
      const figures = await each.window(timing);
      const about = { scenario: scenario.name, candidate: candidates[index]?.name ?? '', attempts: 1 };
      windows[index]?.push({ ...about, round: turn, ...figures });
    }
  }
  return windows;
}
