import { describe, expect, it } from 'vitest';
import { type GuardRow, guardTable } from './guard.ts';
import type { Window } from './results.ts';

const window = (round: number, requestsPerSecond: number): Window => ({
  scenario: 'guard',
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
});
const row = (without: number[], guarded: number[]): GuardRow => ({
  title: '100 bytes',
  without: without.map((rate, i) => window(i, rate)),
  guarded: guarded.map((rate, i) => window(i, rate)),
});

describe('the table of what the guard costs', () => {
  it('has the median of the rounds, each compared with the one beside it', () => {
    const shown = guardTable([row([8000, 4000, 8000], [6400, 3200, 6400])]);
    expect(shown).toMatch(/8,000 .* 6,400 .* 20 % .* 125 µs .* 156 µs .* reached/);
  });

  it('says so when it is more than a quarter', () => {
    expect(guardTable([row([1000], [740])])).toContain('**not reached**');
    expect(guardTable([])).toBe('');
  });
});
