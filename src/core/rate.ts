/** Keys that are kept track of at most. */
const MOST_KEYS = 100_000;

/**
 * The generic cell rate algorithm: how often something may happen, for each key. A key is one number, the time at which
 * the next one would be on time.
 *
 * Means what nginx means by `rate=10r/s burst=20 nodelay`: the first is on time, 20 more may come before theirs, so 21
 * at once; after that one for each interval.
 */
export class RateLimiter {
  readonly #intervalMs: number;
  readonly #earlyMs: number;
  readonly #mostKeys: number;
  readonly #due = new Map<string, number>();

  /**
   * @param rate `intervalMs`: between two in the long run; `burst`: how many may come before their time
   * @param mostKeys how many are kept track of; of more, the one that is known longest is forgotten
   */
  constructor(rate: { readonly intervalMs: number; readonly burst: number }, mostKeys = MOST_KEYS) {
    this.#intervalMs = rate.intervalMs;
    this.#earlyMs = rate.burst * rate.intervalMs;
    this.#mostKeys = mostKeys;
  }

  get size(): number {
    return this.#due.size;
  }

  /**
   * Takes one, if it may happen now.
   * @param now in milliseconds, of a clock that is never set
   * @returns 0, or the milliseconds after which it may
   */
  take(key: string, now = performance.now()): number {
    const due = this.#due.get(key) ?? now;
    const waitMs = due - now - this.#earlyMs;
    // Intervals such as a third of a second do not add up exactly.
    if (waitMs > 0.001) return waitMs;
    if (!this.#due.has(key)) this.#makeRoom(now);
    this.#due.set(key, Math.max(due, now) + this.#intervalMs);
    return 0;
  }

  /** Gives one back that did not count after all. */
  giveBack(key: string): void {
    const due = this.#due.get(key);
    if (due !== undefined) this.#due.set(key, due - this.#intervalMs);
  }

  #makeRoom(now: number): void {
    if (this.#due.size < this.#mostKeys) return;
    // Whoever is on time again is as good as never seen.
    for (const [key, due] of this.#due) if (due <= now) this.#due.delete(key);
    if (this.#due.size < this.#mostKeys) return;
    const [oldest = ''] = this.#due.keys();
    this.#due.delete(oldest);
  }
}
