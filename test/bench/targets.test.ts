import { describe, expect, it } from 'vitest';

import type { Footprint, Results, Window } from './results.ts';
import { bestOf, judge } from './targets.ts';

function window(scenario: string, candidate: string, requestsPerSecond: number, p99 = 1): Window {
  return {
    scenario,
    candidate,
    round: 1,
    requests: requestsPerSecond,
    requestsPerSecond,
    bytesPerSecond: requestsPerSecond * 100,
    p50: p99 / 2,
    p99,
    max: p99,
    cpuMicrosecondsPerRequest: 1,
    serverBusy: 1,
    generatorBusy: 0.5,
    peakResident: 2 ** 26,
    foreign: 0,
    attempts: 1,
  };
}

function footprint(mebibytes: number, kibibytes: number): Footprint {
  return {
    candidate: 'sallyport',
    round: 1,
    startMilliseconds: 100,
    idleResident: mebibytes * 2 ** 20,
    bytesPerSession: kibibytes * 2 ** 10,
    sessions: 1000,
    processesPerSession: 0,
  };
}

function results(windows: Window[], footprints: Footprint[] = []): Results {
  return { windows, footprints, failures: [] };
}

const PEERS = ['supergateway', 'mcp-proxy'];
const SCENARIO = 'echo-100b-c16';

describe('judge', () => {
  it('reaches and misses', () => {
    const good = results([
      window(SCENARIO, 'bare', 50_000),
      window(SCENARIO, 'sallyport', 28_000, 2),
      window(SCENARIO, 'supergateway', 3_000, 30),
      window(SCENARIO, 'mcp-proxy', 4_000, 20),
    ]);
    expect(judge(good, PEERS)).toEqual([
      expect.objectContaining({ measured: '0.56 × bare', reached: true }),
      expect.objectContaining({ measured: '7.00 × mcp-proxy', reached: true }),
      expect.objectContaining({ measured: '2.0 against 20.0 ms', reached: true }),
    ]);
    const bad = results([
      window(SCENARIO, 'bare', 50_000),
      window(SCENARIO, 'sallyport', 24_000, 30),
      window(SCENARIO, 'mcp-proxy', 4_000, 20),
    ]);
    expect(judge(bad, PEERS).map(({ reached }) => reached)).toEqual([false, false, false]);
  });

  it('judges bytes of large results against the bare bridge', () => {
    const large = results([window('blob-1mb', 'bare', 1000), window('blob-1mb', 'sallyport', 699)]);
    expect(judge(large, PEERS)).toEqual([
      expect.objectContaining({ measured: '0.70 × bare', reached: false }),
    ]);
  });

  it('judges memory', () => {
    expect(judge(results([], [footprint(79, 16)]), PEERS)).toEqual([
      expect.objectContaining({ measured: '79.0 MiB', reached: true }),
      expect.objectContaining({ measured: '16.0 KiB', reached: false }),
    ]);
  });

  it('says nothing about what was not measured', () => {
    expect(judge(results([window(SCENARIO, 'sallyport', 1)]), PEERS)).toEqual([]);
  });
});

describe('bestOf', () => {
  it('goes by the median, among those that were measured', () => {
    const rows = [
      window(SCENARIO, 'supergateway', 10),
      { ...window(SCENARIO, 'supergateway', 11), round: 2 },
      window(SCENARIO, 'mcp-proxy', 12),
    ];
    expect(bestOf(results(rows), SCENARIO, [...PEERS, 'absent'])).toBe('mcp-proxy');
    expect(bestOf(results(rows), 'blob-1mb', PEERS)).toBeUndefined();
  });
});
