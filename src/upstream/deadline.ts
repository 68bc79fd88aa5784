/**
 * The time that a call has. A sign of progress begins it anew, but not for ever:
 *
 * > Implementations MAY choose to reset the timeout clock when receiving a progress notification … However,
 * > implementations SHOULD always enforce a maximum timeout, regardless of progress notifications
 * > (basic/lifecycle, "Timeouts")
 */
export class Deadline {
  readonly #ms: number;
  readonly #onLate: () => void;
  readonly #last: number;
  #timer: NodeJS.Timeout;

  /** @param mostMs the time with all progress, from now on; less than `ms` means just that */
  constructor(ms: number, mostMs: number, onLate: () => void) {
    this.#ms = ms;
    this.#onLate = onLate;
    this.#last = performance.now() + Math.max(ms, mostMs);
    this.#timer = setTimeout(onLate, ms);
  }

  /** There was a sign of progress. */
  extend(): void {
    const left = this.#last - performance.now();
    // The progress allowed is used up: the time that runs is the last.
    if (left <= 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onLate, Math.min(this.#ms, left));
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
