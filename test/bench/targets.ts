import { footprintsOf, windowsOf, byRound, type Results, type Window } from './results.ts';
import { pairedRatio, spread } from './statistics.ts';

/** A promise that the project made before it measured. */
export interface Target {
  text: string;
  measured: string;
  reached: boolean;
}

const OURS = 'sallyport';
const LIMIT = 'bare';

const rate = (row: Window): number => row.requestsPerSecond;

/** The targets that these results decide; one whose figures are missing is left out. */
export function judge(results: Results, npmPeers: readonly string[]): Target[] {
  const targets: (Target | undefined)[] = [];
  for (const connections of [16, 64]) {
    const scenario = `echo-100b-c${connections}`;
    const peer = bestOf(results, scenario, npmPeers);
    targets.push(
      atLeast(results, scenario, LIMIT, 0.5, `${connections} connections: half of the bare bridge or more`),
      peer === undefined
        ? undefined
        : atLeast(results, scenario, peer, 7, `${connections} connections: 7 times the better npm peer`),
      lowestTail(results, scenario, npmPeers, connections),
    );
  }
  for (const size of ['1mb', '10mb']) {
    const text = `${size.replace('mb', ' MB')} results: 0.7 of the bare bridge's bytes or more`;
    targets.push(atLeast(results, `blob-${size}`, LIMIT, 0.7, text));
  }
  const footprints = footprintsOf(results, OURS);
  targets.push(
    below(
      footprints.map((row) => row.idleResident / 2 ** 20),
      80,
      'MiB',
      'idle, under 80 MB resident',
    ),
    below(
      footprints.map((row) => row.bytesPerSession / 2 ** 10),
      15,
      'KiB',
      'an idle session, under 15 KB',
    ),
  );
  return targets.filter((target) => target !== undefined);
}

/** The candidate that answers most requests in a second. */
export function bestOf(results: Results, scenario: string, names: readonly string[]): string | undefined {
  const median = (name: string): number => spread(windowsOf(results, scenario, name).map(rate)).median;
  return names
    .filter((name) => windowsOf(results, scenario, name).length > 0)
    .sort((a, b) => median(b) - median(a))[0];
}

function atLeast(
  results: Results,
  scenario: string,
  other: string,
  wanted: number,
  text: string,
): Target | undefined {
  const ratio = pairedRatio(
    byRound(windowsOf(results, scenario, OURS), rate),
    byRound(windowsOf(results, scenario, other), rate),
  );
  if (!ratio) return undefined;
  const measured = `${ratio.median.toFixed(2)} × ${other}`;
  return { text, measured, reached: ratio.median >= wanted };
}

function lowestTail(
  results: Results,
  scenario: string,
  others: readonly string[],
  connections: number,
): Target | undefined {
  const tail = (name: string): number =>
    spread(windowsOf(results, scenario, name).map((row) => row.p99)).median;
  const measured = others.filter((name) => windowsOf(results, scenario, name).length > 0);
  if (measured.length === 0 || windowsOf(results, scenario, OURS).length === 0) return undefined;
  const best = Math.min(...measured.map(tail));
  return {
    text: `${connections} connections: p99 below every npm peer`,
    measured: `${tail(OURS).toFixed(1)} against ${best.toFixed(1)} ms`,
    reached: tail(OURS) < best,
  };
}

function below(values: readonly number[], limit: number, unit: string, text: string): Target | undefined {
  if (values.length === 0) return undefined;
  const { median } = spread(values);
  return { text, measured: `${median.toFixed(1)} ${unit}`, reached: median < limit };
}
