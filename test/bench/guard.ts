/**
 * What guard and audit log cost: calls with both and without, by turns, in the same run. The guard searches arguments
 * and results of every call, and masks; the log records and chains each one.
 */
import { measureByTurns } from './by-turns.ts';
import { type Candidate, sallyport, sallyportGuarded } from './candidates.ts';
import type { Setting } from './gateway-process.ts';
import { number, percent, table } from './markdown.ts';
import { byRound, type Window } from './results.ts';
import type { LoadScenario } from './scenarios.ts';
import { pairedRatio, spread } from './statistics.ts';
import type { Timing } from './window.ts';

/** Guard and audit log may take this share of the requests of a second. */
export const MOST = 0.25;

/** The windows of one load, without and with. */
export interface GuardRow {
  readonly title: string;
  readonly without: readonly Window[];
  readonly guarded: readonly Window[];
}

/** Measures one load in so many rounds. Throws on a wrong answer. */
export async function measureGuard(
  load: LoadScenario,
  rounds: number,
  setting: Setting,
  timing: Timing,
): Promise<GuardRow> {
  const candidates = (): Candidate[] => [sallyport, sallyportGuarded];
  const [without = [], guarded = []] = await measureByTurns(candidates, load, rounds, setting, timing);
  return { title: load.title, without, guarded };
}

/** The rows as a table: rates, the median of what was left in each turn, and the processor time of a call. */
export function guardTable(rows: readonly GuardRow[]): string {
  if (rows.length === 0) return '';
  const rate = (row: Window): number => row.requestsPerSecond;
  return table(
    ['', 'requests/s', 'with guard and audit', 'cost', 'CPU a request', 'with both', 'target'],
    rows.map(({ title, without, guarded }) => {
      const left = pairedRatio(byRound(guarded, rate), byRound(without, rate))?.median ?? Number.NaN;
      const of = (windows: readonly Window[], figure: (row: Window) => number): number =>
        spread(windows.map(figure)).median;
      const cpu = (row: Window): number => row.cpuMicrosecondsPerRequest;
      return [
        title,
        number(of(without, rate), 0),
        number(of(guarded, rate), 0),
        percent(1 - left),
        `${number(of(without, cpu), 0)} µs`,
        `${number(of(guarded, cpu), 0)} µs`,
        1 - left <= MOST ? 'reached' : '**not reached**',
      ];
    }),
  );
}
