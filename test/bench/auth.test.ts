import { describe, expect, it } from 'vitest';
import { type AuthRow, authTable } from './auth.ts';
import type { Window } from './results.ts';

const windows = (...rates: number[]): Window[] =>
  rates.map((requestsPerSecond, round) => ({
    scenario: 'auth',
    candidate: 'sallyport',
    round,
    requests: 1,
    requestsPerSecond,
    bytesPerSecond: 1,
    p50: 1,
    p99: 1,
    max: 1,
    cpuMicrosecondsPerRequest: 1e6 / requestsPerSecond,
    serverBusy: 1,
    generatorBusy: 0.5,
    peakResident: 1,
    foreign: 0,
    attempts: 1,
  }));

describe('the table of what a proof costs', () => {
  it('has the median of the rounds, each compared with the one beside it', () => {
    const row: AuthRow = {
      title: '100 bytes',
      open: windows(10_000, 5000, 10_000),
      token: windows(9000, 4500, 9500),
      jwt: windows(8000, 4000, 8600),
    };
    const [, , none = '', token = '', jwt = ''] = authTable([row]).split('\n');
    expect(none).toMatch(/none .* 10,000 .* 1\.00/);
    expect(token).toMatch(/token .* 9,000 .* 0\.90 .* reached/);
    expect(token).not.toContain('**');
    expect(jwt).toMatch(/JWT .* 8,000 .* 0\.80 .* \*\*not reached\*\*/);
  });

  it('is nothing where nothing was measured', () => {
    expect(authTable([])).toBe('');
  });
});
