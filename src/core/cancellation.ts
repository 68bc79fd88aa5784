/**
 * Whether a call is still wanted. An AbortController a call would cost a fifth of the throughput
 * (docs/architecture.md, "The hot path"), so this is the little that a call needs; `signal()` makes a real one for
 * those who want to hand it on.
 */
export class Cancellation {
  #reason: string | undefined;
  #listeners: ((reason: string) => void)[] | undefined;

  get cancelled(): boolean {
    return this.#reason !== undefined;
  }

  /** Ends the call for its caller. Later calls change nothing. */
  cancel(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const listeners = this.#listeners;
    this.#listeners = undefined;
    for (const listener of listeners ?? []) listener(reason);
  }

  /** Calls back once when the call is cancelled, at once if it already is. */
  onCancel(listener: (reason: string) => void): void {
    if (this.#reason === undefined) (this.#listeners ??= []).push(listener);
    else listener(this.#reason);
  }

  /** The same as an AbortSignal. */
  signal(): AbortSignal {
    const controller = new AbortController();
    this.onCancel((reason) => controller.abort(new Error(reason)));
    return controller.signal;
  }
}
