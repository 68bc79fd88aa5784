import { copyFileSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Candidate } from './candidates.ts';
import { FOLDER } from './folders.ts';
import { startGateway, type Setting } from './gateway-process.ts';
import { table } from './markdown.ts';
import type { LoadScenario } from './scenarios.ts';
import { load, type Timing } from './window.ts';

/** The part of V8's .cpuprofile format that is used here. Times in microseconds. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

export interface SelfTime {
  where: string;
  share: number;
}

const SAMPLING_MICROSECONDS = '250';
const SHOWN = 40;

/** Runs one candidate under the CPU profiler and gives back its most expensive functions as a table. */
export async function profile(
  candidate: Candidate,
  scenario: LoadScenario,
  setting: Setting,
  timing: Timing,
): Promise<string> {
  const folder = mkdtempSync(join(setting.folder, 'profile-'));
  const nodeFlags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval', SAMPLING_MICROSECONDS];
  const gateway = await startGateway(candidate, setting, { nodeFlags });
  let rate: number;
  try {
    rate = (await load(gateway, scenario, setting, timing)).requestsPerSecond;
  } finally {
    await gateway.stop();
  }
  const file = readdirSync(folder).find((name) => name.endsWith('.cpuprofile'));
  if (!file) throw new Error(`${candidate.name} wrote no profile: it must end by itself on SIGTERM.`);
  const kept = join(FOLDER, `${candidate.name}-${scenario.name}.cpuprofile`);
  copyFileSync(join(folder, file), kept);
  console.error(`${kept} opens in Chrome DevTools and in VS Code`);
  const recorded = JSON.parse(readFileSync(kept, 'utf8')) as CpuProfile;
  const rows = selfTimes(recorded).slice(0, SHOWN);
  const title = `### ${candidate.name}, ${scenario.name}: ${Math.round(rate).toLocaleString('en')} req/s under the profiler`;
  return `${title}\n\n${table(
    ['function', 'self'],
    rows.map(({ where, share }) => [where, `${(share * 100).toFixed(1)} %`]),
  )}`;
}

/** Functions by the share of the busy time that they spent themselves, the most expensive first. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): SelfTime[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  let total = 0;
  samples.forEach((id, index) => {
    const name = names.get(id) ?? '(unknown)';
    if (name === '(idle)' || name === '(root)') return;
    const time = timeDeltas[index] ?? 0;
    times.set(name, (times.get(name) ?? 0) + time);
    total += time;
  });
  return [...times]
    .map(([where, time]) => ({ where, share: total > 0 ? time / total : 0 }))
    .sort((a, b) => b.share - a.share);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)';
  if (url === '') return name;
  const short = url.replace(/^.*\/(?=dist\/|node_modules\/|test\/)/, '');
  return `${name} ${short}:${lineNumber + 1}`;
}
