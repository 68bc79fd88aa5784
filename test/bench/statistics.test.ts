import { describe, expect, it } from 'vitest';

import { pairedRatio, quantile, spread } from './statistics.ts';

describe('quantile', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);

  it('is the nearest rank', () => {
    expect(quantile(hundred, 0.5)).toBe(50);
    expect(quantile(hundred, 0.99)).toBe(99);
    expect(quantile(hundred, 1)).toBe(100);
    expect(quantile(hundred, 0)).toBe(1);
    expect(quantile([7], 0.99)).toBe(7);
  });

  it('is no number without values', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('spread', () => {
  it('sorts numbers as numbers', () => {
    expect(spread([10, 9, 100])).toEqual({ median: 10, min: 9, max: 100 });
  });

  it('takes the mean of the two in the middle', () => {
    expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
  });

  it('leaves its argument alone', () => {
    const values = [3, 1, 2];
    spread(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('pairedRatio', () => {
  it('compares within a round, so that a slow round does not count', () => {
    const ours = new Map([
      [1, 50],
      [2, 5],
      [3, 60],
    ]);
    const base = new Map([
      [1, 100],
      [2, 10],
      [3, 100],
    ]);
    expect(pairedRatio(ours, base)?.median).toBe(0.5);
  });

  it('leaves out rounds that one of them lacks', () => {
    const ratio = pairedRatio(
      new Map([
        [1, 10],
        [2, 999],
      ]),
      new Map([
        [1, 20],
        [3, 1],
      ]),
    );
    expect(ratio).toEqual({ median: 0.5, min: 0.5, max: 0.5 });
  });

  it('is not there without a common round', () => {
    expect(pairedRatio(new Map([[1, 1]]), new Map([[2, 1]]))).toBeUndefined();
  });
});
