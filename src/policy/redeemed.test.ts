import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Redeemed } from './redeemed.ts';

const VALID_MS = 1000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('what may be redeemed once', () => {
  it('is, by whoever comes first', () => {
    const redeemed = new Redeemed(VALID_MS);
    expect(redeemed.redeem('alice', 'a')).toBe(true);
    expect(redeemed.redeem('alice', 'a')).toBe(false);
    expect(redeemed.redeem('bob', 'a')).toBe(false);
    expect(redeemed.redeem('bob', 'b')).toBe(true);
  });

  it.each([0, 1, VALID_MS / 2, VALID_MS - 1, VALID_MS])('is remembered %d ms later', (later) => {
    const redeemed = new Redeemed(VALID_MS);
    for (const start of [0, 700, 900]) {
      vi.setSystemTime(Date.now() + start);
      const what = `${start}`;
      expect(redeemed.redeem('alice', what)).toBe(true);
      vi.setSystemTime(Date.now() + later);
      expect(redeemed.redeem('alice', what)).toBe(false);
    }
  });

  it('is forgotten when it could not be redeemed any more, so that there is room again', () => {
    const redeemed = new Redeemed(VALID_MS, { most: 2 });
    expect(['a', 'b', 'c'].map((what) => redeemed.redeem('alice', what))).toEqual([true, true, false]);
    vi.setSystemTime(Date.now() + 2 * VALID_MS);
    expect(['c', 'd', 'e'].map((what) => redeemed.redeem('alice', what))).toEqual([true, true, false]);
  });

  it('is refused where there is no room to remember it, and one caller cannot take all of it', () => {
    const redeemed = new Redeemed(VALID_MS, { most: 5, mostEach: 3 });
    const some = (who: string): boolean[] => [1, 2, 3, 4].map((n) => redeemed.redeem(who, `${who} ${n}`));
    expect(some('alice')).toEqual([true, true, true, false]);
    vi.setSystemTime(Date.now() + VALID_MS);
    expect(redeemed.redeem('alice', 'in the next generation')).toBe(false);
    expect(some('bob')).toEqual([true, true, false, false]);
  });
});
