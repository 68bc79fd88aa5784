import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Certificate } from '../certificate.ts';
import { Slot } from '../slots.ts';
import { AcmeError } from './problem.ts';
import { Renewal, renewAt, retryDelay } from './renewal.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

/** As far as a schedule looks at it. */
function lasting(ms: number): Certificate {
  return { names: [], notBefore: Date.now(), notAfter: Date.now() + ms } as unknown as Certificate;
}

function renewing(obtain: (slot: Slot, attempt: number) => void): {
  slot: Slot;
  renewal: Renewal;
  delays: number[];
} {
  const slot = new Slot('mcp.test', 'acme');
  const delays: number[] = [];
  const renewal = new Renewal({
    slot,
    obtain: async (attempt) => obtain(slot, attempt),
    failed: (_error, delayMs) => void delays.push(delayMs),
  });
  return { slot, renewal, delays };
}

describe('when a certificate is renewed', () => {
  it('is when a third of its life is left, and up to a twentieth earlier', () => {
    const certificate = { notBefore: 0, notAfter: 90 * DAY };
    expect(renewAt(certificate, 0)).toBe(60 * DAY);
    expect(renewAt(certificate, 1)).toBe(55.5 * DAY);
  });

  it('is at once where there is none, and then by the clock, however long a timer sleeps', async () => {
    const orders: number[] = [];
    const { slot, renewal } = renewing((each) => {
      orders.push(Date.now() / DAY);
      each.fill(lasting(90 * DAY));
    });
    await renewal.begin();
    expect(orders).toEqual([0]);
    // The machine slept for two months.
    vi.setSystemTime(61 * DAY);
    await vi.advanceTimersByTimeAsync(61 * MINUTE);
    expect(orders).toHaveLength(2);
    expect(slot.state.daysLeft).toBe(89);
    renewal.close();
  });

  it('is not before a kept one gets old', async () => {
    const { slot, renewal } = renewing(() => expect.fail('ordered'));
    slot.fill(lasting(90 * DAY));
    await renewal.begin();
    await vi.advanceTimersByTimeAsync(50 * DAY);
    renewal.close();
  });
});

describe('what is tried again', () => {
  it('is tried later and later, and from anew after it came right', async () => {
    const attempts: number[] = [];
    const { renewal, delays } = renewing((slot, attempt) => {
      attempts.push(attempt);
      if (attempts.length < 5) throw new Error('no');
      slot.fill(lasting(90 * DAY));
    });
    await renewal.begin();
    await vi.advanceTimersByTimeAsync(DAY);
    expect(attempts).toEqual([0, 1, 2, 3, 4]);
    for (const [index, delay] of delays.entries()) {
      expect(delay).toBeGreaterThanOrEqual(4 * MINUTE * 2 ** index);
      expect(delay).toBeLessThanOrEqual(6 * MINUTE * 2 ** index);
    }
    renewal.close();
  });

  it('is a certificate that is over when it comes: the clock is wrong, and an authority counts', async () => {
    let orders = 0;
    const { renewal, delays } = renewing((slot) => {
      orders += 1;
      const over = lasting(-DAY);
      slot.fill(over);
    });
    await renewal.begin();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(orders).toBe(1);
    expect(delays).toHaveLength(1);
    renewal.close();
  });

  it('is left alone for as long as the authority says, and a week at most', () => {
    const asked = (ms: number): AcmeError => new AcmeError('rate limited', { retryAfterMs: ms });
    expect(retryDelay(1, asked(3 * DAY), 0.5)).toBe(3 * DAY);
    expect(retryDelay(1, asked(90 * DAY), 0.5)).toBe(7 * DAY);
    expect(retryDelay(1, asked(1), 0.5)).toBe(5 * MINUTE);
    expect(retryDelay(50, new Error('no'), 0.5)).toBe(12 * 60 * MINUTE);
  });

  it('is nothing any more when the gateway ends', async () => {
    let orders = 0;
    const { renewal } = renewing(() => {
      orders += 1;
      throw new Error('no');
    });
    await renewal.begin();
    renewal.close();
    await vi.advanceTimersByTimeAsync(DAY);
    expect(orders).toBe(1);
  });
});
