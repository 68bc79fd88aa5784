import { array, assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimiter } from './rate.ts';

/** How many of so many at once are let through. */
function admitted(limiter: RateLimiter, requests: number, now: number, key = 'a'): number {
  return Array.from({ length: requests }, () => limiter.take(key, now)).filter((wait) => wait === 0).length;
}

describe('a rate', () => {
  it('of 10/s with a burst of 20 lets 21 of 60 through at once, and then one each 100 ms', () => {
    const limiter = new RateLimiter({ intervalMs: 100, burst: 20 });
    expect(admitted(limiter, 60, 0)).toBe(21);
    expect(admitted(limiter, 60, 99)).toBe(0);
    expect(admitted(limiter, 60, 100)).toBe(1);
    expect(admitted(limiter, 60, 1100)).toBe(10);
    expect(admitted(limiter, 60, 1_000_000)).toBe(21);
  });

  it('without a burst lets one through', () => {
    const limiter = new RateLimiter({ intervalMs: 1000 / 3, burst: 0 });
    expect(admitted(limiter, 5, 0)).toBe(1);
    expect(admitted(limiter, 5, 1000 / 3)).toBe(1);
  });

  it('says how long to wait, and keeps its word', () => {
    const limiter = new RateLimiter({ intervalMs: 100, burst: 1 });
    admitted(limiter, 2, 0);
    expect(limiter.take('a', 30)).toBe(70);
    expect(limiter.take('a', 100)).toBe(0);
  });

  it('is for each key', () => {
    const limiter = new RateLimiter({ intervalMs: 100, burst: 0 });
    for (const key of ['a', 'b', '__proto__', '']) expect(admitted(limiter, 3, 0, key)).toBe(1);
  });

  it('gives back what did not count', () => {
    const limiter = new RateLimiter({ intervalMs: 100, burst: 0 });
    for (let i = 0; i < 10; i++) {
      expect(limiter.take('a', 0)).toBe(0);
      limiter.giveBack('a');
    }
    limiter.giveBack('unknown');
    expect(limiter.size).toBe(1);
  });

  it('never lets more through than the rate and the burst, however they come', () => {
    assert(
      property(
        array(integer({ min: 0, max: 300 }), { maxLength: 200 }),
        integer({ min: 0, max: 10 }),
        (gaps, burst) => {
          const limiter = new RateLimiter({ intervalMs: 100, burst });
          let now = 0;
          let count = 0;
          for (const gap of gaps) {
            now += gap;
            if (limiter.take('a', now) === 0) count += 1;
            expect(count).toBeLessThanOrEqual(burst + 1 + now / 100);
          }
        },
      ),
    );
  });

  it('takes a bounded amount of memory, whoever comes', () => {
    const limiter = new RateLimiter({ intervalMs: 100, burst: 5 }, 1000);
    for (let i = 0; i < 10_000; i++) limiter.take(String(i), 0);
    expect(limiter.size).toBe(1000);
    limiter.take('later', 1_000_000);
    expect(limiter.size).toBe(1);
  });
});
