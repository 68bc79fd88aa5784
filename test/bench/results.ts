/** One window of load. Times in milliseconds, memory in bytes. */
export interface Window {
  scenario: string;
  candidate: string;
  round: number;
  requests: number;
  requestsPerSecond: number;
  /** Text of the answers, without envelope and headers. */
  bytesPerSecond: number;
  p50: number;
  p99: number;
  max: number;
  /** CPU of the server process alone. */
  cpuMicrosecondsPerRequest: number;
  /** Share of its core that the server process used, and the load generator of its own. */
  serverBusy: number;
  generatorBusy: number;
  peakResident: number;
  /** Share of the two cores that went to processes which are no part of the benchmark. */
  foreign: number;
  /** How often the window was measured until it was quiet enough. */
  attempts: number;
}

/** What a candidate costs while nobody calls it. */
export interface Footprint {
  candidate: string;
  round: number;
  startMilliseconds: number;
  idleResident: number;
  bytesPerSession: number;
  sessions: number;
  processesPerSession: number;
}

/** A wrong answer, or none. */
export interface Failure {
  scenario: string;
  candidate: string;
  round: number;
  reason: string;
}

export interface Results {
  windows: Window[];
  footprints: Footprint[];
  failures: Failure[];
}

/** A figure of one candidate in one scenario, by round. */
export function byRound<T extends { round: number }>(
  rows: readonly T[],
  figure: (row: T) => number,
): Map<number, number> {
  return new Map(rows.map((row) => [row.round, figure(row)]));
}

export function windowsOf(results: Results, scenario: string, candidate: string): Window[] {
  return results.windows.filter((row) => row.scenario === scenario && row.candidate === candidate);
}

export function footprintsOf(results: Results, candidate: string): Footprint[] {
  return results.footprints.filter((row) => row.candidate === candidate);
}
