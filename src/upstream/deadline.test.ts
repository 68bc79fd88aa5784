import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from './deadline.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** How long a deadline lasts when there is progress every `every` ms. */
function lasts(ms: number, mostMs: number, every: number): number {
  const late = vi.fn();
  const from = performance.now();
  const deadline = new Deadline(ms, mostMs, late);
  for (let elapsed = 0; late.mock.calls.length === 0; elapsed += 10) {
    if (elapsed > 0 && elapsed % every === 0) deadline.extend();
    vi.advanceTimersByTime(10);
  }
  return Math.round(performance.now() - from);
}

describe('a deadline', () => {
  it.each([
    ['begins anew with each sign of progress, up to the most', 1000, 5000, 400, 5000],
    ['is not prolonged by progress that comes too late', 1000, 5000, 1200, 1000],
    ['has no more time than it has where progress gives none', 1000, 0, 400, 1000],
    ['is not shortened by a most that is shorter', 1000, 500, 400, 1000],
  ])('%s', (_what, ms, mostMs, every, expected) => {
    expect(lasts(ms, mostMs, every)).toBe(expected);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is nothing when it was cleared', () => {
    const late = vi.fn();
    new Deadline(1000, 5000, late).clear();
    vi.advanceTimersByTime(10_000);
    expect(late).not.toHaveBeenCalled();
  });
});
