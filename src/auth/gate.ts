import { hash } from 'node:crypto';
import { basicCredentials, type BasicCheck } from './basic.ts';
import { bearer, isSame } from './token.ts';
import { type Check, type Refused, refused, type Verdict, type Verified } from './verdict.ts';

export interface GateOptions {
  /** What is asked about a bearer token, one after the other, until one knows it. */
  readonly checks: readonly Check[];
  readonly basic?: BasicCheck | undefined;
  /** Grows whenever something may have been revoked. */
  readonly version?: () => number;
}

/** Tokens that are remembered at most. */
const REMEMBERED = 10_000;
/** How often it is looked whether something was revoked: within a second is what is promised. */
const LOOK_MS = 500;
/** Characters of a credential that is compared as it is. A JWT is found faster by its hash. */
const SHORT = 200;

interface Known {
  readonly verified: Verified;
  /** When it was last certain that it was not revoked. */
  epoch: number;
}

/**
 * Who is calling? To check a signature costs more than the rest of a call, so what was found out is remembered until it
 * ends; and looked through again when something may have been revoked.
 *
 * What is kept is the hash of a credential. Nearly every call comes with the one that came before, so that one, where it
 * is short, is kept as it is and looked at first, in constant time.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #known = new Map<string, Known>();
  readonly #pending = new Map<string, Promise<Verdict>>();
  #last = '';
  #lastKnown: Known | undefined;
  #epoch = 0;
  #version: number | undefined;
  #looked = -Infinity;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** What is known of this credential without asking anybody. Undefined: nothing. */
  recall(authorization: string): Verified | undefined {
    const now = Date.now();
    this.#look(now);
    const last = this.#lastKnown;
    if (last && isSame(authorization, this.#last)) {
      if (this.#isGood(last, now)) return last.verified;
      this.#lastKnown = undefined;
    }
    const key = keyOf(authorization);
    const known = this.#known.get(key);
    if (!known) return undefined;
    if (!this.#isGood(known, now)) {
      this.#known.delete(key);
      return undefined;
    }
    this.#keepLast(authorization, known);
    return known.verified;
  }

  /** Finds out whose credential this is. */
  check(authorization: string): Promise<Verdict> {
    const key = keyOf(authorization);
    // A client that begins with many requests at once is looked at once.
    const pending = this.#pending.get(key) ?? this.#find(authorization, key);
    this.#pending.set(key, pending);
    return pending;
  }

  async #find(authorization: string, key: string): Promise<Verdict> {
    this.#look(Date.now());
    const epoch = this.#epoch;
    try {
      const verdict = await this.#ask(authorization);
      if ('principal' in verdict) this.#remember(authorization, key, { verified: verdict, epoch });
      return verdict;
    } finally {
      this.#pending.delete(key);
    }
  }

  async #ask(authorization: string): Promise<Verdict> {
    const basic = this.#options.basic && basicCredentials(authorization);
    if (basic) return this.#options.basic?.(basic) ?? UNKNOWN;
    const token = bearer(authorization);
    if (token === undefined) return refused('no bearer token');
    for (const check of this.#options.checks) {
      // One after the other: what the first one knows is nobody else's business, least of all another issuer's.
      const verdict = await check(token);
      if (verdict) return verdict;
    }
    return UNKNOWN;
  }

  #remember(authorization: string, key: string, known: Known): void {
    this.#known.delete(key);
    if (this.#known.size >= REMEMBERED) {
      const [oldest = ''] = this.#known.keys();
      this.#known.delete(oldest);
    }
    this.#known.set(key, known);
    this.#keepLast(authorization, known);
  }

  #keepLast(authorization: string, known: Known): void {
    if (authorization.length > SHORT) return;
    this.#last = authorization;
    this.#lastKnown = known;
  }

  #isGood(known: Known, now: number): boolean {
    if (known.verified.until <= now) return false;
    if (known.epoch === this.#epoch) return true;
    if (known.verified.stands?.() === false) return false;
    known.epoch = this.#epoch;
    return true;
  }

  #look(now: number): void {
    const { version } = this.#options;
    // A clock that was set back must not keep us from looking.
    if (!version || Math.abs(now - this.#looked) < LOOK_MS) return;
    this.#looked = now;
    const current = version();
    if (current === this.#version) return;
    this.#version = current;
    this.#epoch += 1;
  }
}

const UNKNOWN: Refused = refused('nobody knows it');

function keyOf(authorization: string): string {
  return hash('sha256', authorization, 'base64');
}
