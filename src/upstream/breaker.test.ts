import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Breaker } from './breaker.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function failed(times: number): Breaker {
  const breaker = new Breaker('crash');
  for (let i = 1; i <= times; i++) breaker.failed(`failure ${i}`);
  return breaker;
}

describe('a breaker', () => {
  it('doubles the pause with each failure, up to a minute', () => {
    const breaker = new Breaker('start');
    const pauses = Array.from({ length: 11 }, () => breaker.failed('no'));
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('is open from the fifth failure in a row on, with its reason, until the pause is over', () => {
    expect(failed(4)).toMatchObject({ isShut: false, state: undefined });
    const breaker = failed(5);
    expect(breaker.isShut).toBe(true);
    expect(breaker.state).toEqual({
      state: 'open',
      cause: 'crash',
      reason: 'failure 5',
      failures: 5,
      retryAt: Date.now() + 4000,
    });
    vi.advanceTimersByTime(3999);
    expect(breaker.isShut).toBe(true);
    vi.advanceTimersByTime(1);
    expect(breaker.isShut).toBe(false);
  });

  it('lets one try when the pause is over; if that fails, the pause is a longer one', () => {
    const breaker = failed(5);
    vi.advanceTimersByTime(4000);
    breaker.begin();
    expect(breaker).toMatchObject({ isShut: true, state: { state: 'half-open' } });
    expect(breaker.failed('again')).toBe(8000);
    expect(breaker).toMatchObject({ isShut: true, state: { state: 'open', reason: 'again' } });
  });

  it('lets everybody in after a start that went well, and is closed when that has lasted', () => {
    const breaker = failed(5);
    vi.advanceTimersByTime(4000);
    breaker.begin();
    breaker.started();
    expect(breaker).toMatchObject({ isShut: false, failures: 5, state: { state: 'half-open' } });
    breaker.close();
    expect(breaker).toMatchObject({ isShut: false, failures: 0, state: undefined });
  });

  it('lets the next one try when the first try came to nothing', () => {
    const breaker = failed(5);
    vi.advanceTimersByTime(4000);
    breaker.begin();
    breaker.abandon();
    expect(breaker).toMatchObject({ isShut: false, state: { state: 'open' } });
  });
});
