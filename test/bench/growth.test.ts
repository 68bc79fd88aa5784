import { describe, expect, it } from 'vitest';
import { type GrowthRow, growthTable, STEPS } from './growth.ts';

const row = (servers: number, sessions: number, requestsPerSecond: number): GrowthRow => ({
  servers,
  sessions,
  requestsPerSecond,
  p99: 1.5,
  cpuMicrosecondsPerRequest: 80,
});

describe('growth', () => {
  it('goes from one to a hundred servers, and from one to a thousand sessions', () => {
    expect(STEPS.map(({ servers }) => servers)).toEqual(expect.arrayContaining([1, 10, 100]));
    expect(STEPS.map(({ sessions }) => sessions)).toEqual(expect.arrayContaining([1, 100, 1000]));
    expect(STEPS[0]).toEqual({ servers: 1, sessions: 1 });
  });

  it('is shown as the share of the first step that is left', () => {
    const shown = growthTable([row(1, 1, 8000), row(100, 1, 7600)]);
    expect(shown).toMatch(/100 %/);
    expect(shown).toMatch(/\b100\b.*7,600.*95 %/);
    expect(growthTable([])).toBe('');
  });
});
