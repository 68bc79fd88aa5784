import { describe, expect, it } from 'vitest';

import { allCandidates } from './candidates.ts';
import { table } from './markdown.ts';
import { page } from './page.ts';
import type { Results, Window } from './results.ts';
import { LOAD_SCENARIOS } from './scenarios.ts';
import { tables, type Run } from './tables.ts';

const RATES: Readonly<Record<string, number>> = {
  bare: 40_000,
  sallyport: 24_000,
  supergateway: 3_000,
  'mcp-proxy': 4_000,
};

/** Three rounds in which everybody is twice and three times as fast as in the first. */
function results(): Results {
  const windows: Window[] = LOAD_SCENARIOS.flatMap(({ name: scenario, call }) =>
    Object.entries(RATES).flatMap(([candidate, rate]) =>
      [1, 2, 3].map((round) => ({
        scenario,
        candidate,
        round,
        requests: rate * 10,
        requestsPerSecond: rate * round,
        bytesPerSecond: rate * round * call.bytes,
        p50: 1,
        p99: 40_000 / rate,
        max: 50,
        cpuMicrosecondsPerRequest: 1e6 / rate,
        serverBusy: 0.98,
        generatorBusy: 0.4,
        peakResident: 100 * 2 ** 20,
        foreign: 0.01,
        attempts: round === 3 ? 2 : 1,
      })),
    ),
  );
  const footprints = Object.keys(RATES).map((candidate) => ({
    candidate,
    round: 1,
    startMilliseconds: 100,
    idleResident: 70 * 2 ** 20,
    bytesPerSession: 16 * 2 ** 10,
    sessions: candidate === 'supergateway' ? 100 : 1000,
    processesPerSession: candidate === 'supergateway' ? 2 : 0,
  }));
  return { windows, footprints, failures: [] };
}

function run(overrides: Partial<Run> = {}): Run {
  return {
    machine: {
      date: '2026-01-02',
      cpu: 'A fast one',
      cores: 2,
      memoryBytes: 8 * 2 ** 30,
      kernel: 'Linux 6',
      node: 'v24.0.0',
      commit: 'abc1234',
    },
    child: 'C, gcc -O2',
    candidates: allCandidates([]),
    scenarios: LOAD_SCENARIOS,
    rounds: 3,
    warmUpSeconds: 3,
    windowSeconds: 10,
    results: results(),
    ...overrides,
  };
}

/** The cells of the row that begins with `name`, in the section of a scenario. */
function row(text: string, scenario: string, name: string): string[] {
  const end = text.indexOf(`--scenario ${scenario}`);
  const section = text.slice(text.lastIndexOf('###', end), end);
  const line = section.split('\n').find((candidate) => candidate.startsWith(`| ${name} `));
  return (line ?? '').split('|').map((cell) => cell.trim());
}

describe('tables', () => {
  it('give medians with their range, and the ratios of the rounds', () => {
    const cells = row(tables(run()), 'echo-100b-c16', 'sallyport');
    expect(cells.slice(2, 5)).toEqual(['48,000 (24,000–72,000)', '0.60 ×', '6.00 ×']);
    expect(cells.slice(7, 10)).toEqual(['41.7 µs', '100 MiB', '98 % / 40 %']);
  });

  it('give the speed of large results in bytes', () => {
    expect(row(tables(run()), 'blob-1mb', 'bare')[2]).toBe('80,000 (40,000–120,000)');
  });

  it('leave out what was not measured', () => {
    const text = tables(run({ results: { windows: [], footprints: [], failures: [] } }));
    expect(text).toBe('');
  });

  it('list what failed, first lines only', () => {
    const failure = { scenario: 'blob-1mb', candidate: 'x', round: 2, reason: 'The id is not that\nmore' };
    const text = tables(run({ results: { windows: [], footprints: [], failures: [failure] } }));
    expect(text).toContain('- x, blob-1mb, round 2: The id is not that\n');
    expect(text).not.toContain('more');
  });
});

describe('page', () => {
  const text = page(run());

  it('tells machine, versions, method, what is left out, and the targets', () => {
    for (const part of [
      'A fast one, 2 cores, 8 GiB',
      'Node v24.0.0; sallyport',
      'mcp-proxy 6.7.19',
      'API key, off here',
      'Medians of 3 rounds',
      '36 of 108 were',
      '1,000 or 100 sessions',
      '6.00 × mcp-proxy | **not reached**',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('has no holes', () => {
    expect(text).not.toMatch(/undefined|NaN|Infinity|\[object/);
  });
});

describe('table', () => {
  it('pads its columns', () => {
    expect(
      table(
        ['', 'n'],
        [
          ['long name', '1'],
          ['b', '1,000'],
        ],
      ),
    ).toBe(
      [
        '|           |     n |',
        '| --------- | ----: |',
        '| long name |     1 |',
        '| b         | 1,000 |',
        '',
      ].join('\n'),
    );
  });
});
