import { describe, expect, it } from 'vitest';
import { bytes, several, time } from './amounts.ts';

describe('amounts', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [84_400_000, '84 MB'],
    [999_600_000, '1.0 GB'],
    [5e15, '5000 TB'],
  ])('%d bytes are %s', (count, text) => {
    expect(bytes(count)).toBe(text);
  });

  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [3_900_000, '1 h 5 min'],
    [49 * 3_600_000, '2 d 1 h'],
  ])('%d ms are %s', (ms, text) => {
    expect(time(ms)).toBe(text);
  });

  it('counts', () => {
    expect([several(1, 'call'), several(0, 'call'), several(2, 'process', 'processes')]).toEqual([
      '1 call',
      '0 calls',
      '2 processes',
    ]);
  });
});
