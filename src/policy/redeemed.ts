/** What all callers together, and each of them, may redeem within the time that is remembered: 16 MiB at the very worst. */
const MOST = 200_000;
const MOST_EACH = 100_000;

export interface RedeemedLimits {
  readonly most?: number;
  readonly mostEach?: number;
}

interface Generation {
  readonly since: number;
  readonly used: Set<string>;
  /** How many are whose. */
  readonly each: Map<string, number>;
}

/**
 * Remembers what may be redeemed once, for as long as it would be valid.
 *
 * Two generations, each as long as that: when the younger one is full of time, the older one is forgotten as a whole, and
 * nothing has to be swept. When there is no room to remember one more, it is not redeemed: that it was redeemed before
 * could not be noticed any more.
 */
export class Redeemed {
  readonly #validMs: number;
  readonly #most: number;
  readonly #mostEach: number;
  #young: Generation;
  #old: Generation;

  /** @param validMs for how long at most something can be redeemed */
  constructor(validMs: number, { most = MOST, mostEach = MOST_EACH }: RedeemedLimits = {}) {
    this.#validMs = validMs;
    this.#most = most;
    this.#mostEach = mostEach;
    this.#young = generation(Date.now());
    this.#old = generation(Date.now());
  }

  /**
   * @param who redeems it
   * @param what a text that only this one has
   * @returns false when it was redeemed before, or this cannot be known
   */
  redeem(who: string, what: string): boolean {
    const young = this.#turn(Date.now());
    const old = this.#old;
    if (young.used.has(what) || old.used.has(what)) return false;
    const own = young.each.get(who) ?? 0;
    if (own + (old.each.get(who) ?? 0) >= this.#mostEach) return false;
    if (young.used.size + old.used.size >= this.#most) return false;
    young.used.add(what);
    young.each.set(who, own + 1);
    return true;
  }

  #turn(now: number): Generation {
    const age = now - this.#young.since;
    if (age < this.#validMs) return this.#young;
    this.#old = age < 2 * this.#validMs ? this.#young : generation(now);
    this.#young = generation(now);
    return this.#young;
  }
}

function generation(since: number): Generation {
  return { since, used: new Set(), each: new Map() };
}
