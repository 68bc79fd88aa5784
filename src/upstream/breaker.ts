/** Failures in a row after which callers are turned away at once. */
const MOST_FAILURES = 5;
const PAUSE_FIRST_MS = 250;
const PAUSE_MOST_MS = 60_000;

/** It does not start, or it ends by itself after it has. */
export type Cause = 'start' | 'crash';

/** A breaker that is not closed, for people. */
export interface BreakerState {
  readonly state: 'open' | 'half-open';
  readonly cause: Cause;
  /** What it failed of the last time. */
  readonly reason: string;
  readonly failures: number;
  /** Milliseconds since 1970. */
  readonly retryAt: number;
}

/**
 * Keeps a server that fails again and again from being started again and again. Each failure doubles the pause before
 * the next try. From the fifth on the breaker is *open*: nobody tries, and callers are told why. When the pause is over
 * it is *half-open*: one try, whose outcome counts for all.
 */
export class Breaker {
  readonly #cause: Cause;
  #phase: 'closed' | 'open' | 'half-open' = 'closed';
  #failures = 0;
  #reason = '';
  #retryAt = 0;
  /** Is the one try of the half-open breaker under way? */
  #trying = false;

  constructor(cause: Cause) {
    this.#cause = cause;
  }

  /** Must nobody start the server now? */
  get isShut(): boolean {
    return this.#phase === 'open' ? Date.now() < this.#retryAt : this.#trying;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Undefined while it is closed. */
  get state(): BreakerState | undefined {
    if (this.#phase === 'closed') return undefined;
    const { failures } = this;
    const state = this.#phase;
    return { state, cause: this.#cause, reason: this.#reason, failures, retryAt: this.#retryAt };
  }

  /** Somebody starts the server, having seen that it is not shut. */
  begin(): void {
    if (this.#phase !== 'open') return;
    this.#phase = 'half-open';
    this.#trying = true;
  }

  /** That start led to nothing, for reasons that are not the server's. */
  abandon(): void {
    if (this.#trying) this.#phase = 'open';
    this.#trying = false;
  }

  /** The server has started; whether it stays is another question. */
  started(): void {
    this.#trying = false;
  }

  /** All is well. */
  close(): void {
    this.#phase = 'closed';
    this.#failures = 0;
    this.#trying = false;
  }

  /** @returns the pause before the next try, in milliseconds */
  failed(reason: string): number {
    this.#failures += 1;
    this.#reason = reason;
    this.#trying = false;
    if (this.#failures >= MOST_FAILURES) this.#phase = 'open';
    const pause = Math.min(PAUSE_FIRST_MS * 2 ** (this.#failures - 1), PAUSE_MOST_MS);
    this.#retryAt = Date.now() + pause;
    return pause;
  }
}
