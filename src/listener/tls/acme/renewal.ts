import type { Certificate } from '../certificate.ts';
import type { Slot } from '../slots.ts';
import { AcmeError } from './problem.ts';

export interface RenewalOptions {
  readonly slot: Slot;
  /** Orders one, keeps it and puts it into the slot. `attempt` counts the failures before. */
  obtain(attempt: number): Promise<void>;
  /** It failed, and is tried again after so many milliseconds. */
  failed(error: unknown, delayMs: number): void;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Authorities allow five failures an hour for one name, and want to be asked less and less often. */
const FIRST_RETRY_MS = 5 * MINUTE_MS;
const LAST_RETRY_MS = 12 * HOUR_MS;
/** The longest `Retry-After` that is believed. */
const LONGEST_ASKED_MS = 7 * 24 * HOUR_MS;
/** The clock is looked at this often: a timer of weeks knows nothing of a machine that slept, or was put right. */
const LOOK_MS = HOUR_MS;

/** Keeps the certificate of one domain young. */
export class Renewal {
  readonly #options: RenewalOptions;
  readonly #jitter: number;
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  #isClosed = false;

  constructor(options: RenewalOptions) {
    this.#options = options;
    this.#jitter = Math.random();
  }

  /** Orders one where there is none that is young enough. Resolves after the first try. */
  async begin(): Promise<void> {
    if (this.#dueIn() > 0) this.#plan();
    else await this.#try();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #dueIn(): number {
    const { certificate } = this.#options.slot;
    return certificate ? renewAt(certificate, this.#jitter) - Date.now() : 0;
  }

  #plan(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.begin(), Math.min(this.#dueIn(), LOOK_MS)).unref();
  }

  async #try(): Promise<void> {
    try {
      await this.#options.obtain(this.#attempt);
      if (this.#dueIn() <= 0)
        throw new AcmeError(
          'The new certificate is as good as over already: is the clock of this machine right?',
        );
      this.#attempt = 0;
      this.#plan();
    } catch (error) {
      if (this.#isClosed) return;
      this.#attempt += 1;
      const delayMs = retryDelay(this.#attempt, error, Math.random());
      this.#options.failed(error, delayMs);
      this.#timer = setTimeout(() => void this.#try(), delayMs).unref();
    }
  }
}

/**
 * When a certificate is to be renewed, in milliseconds since 1970: with a third of its life left, so that there is time
 * for many failures, and a little earlier, so that not all gateways come on the same day.
 * @param jitter from 0 to 1
 */
export function renewAt(
  { notBefore, notAfter }: Pick<Certificate, 'notBefore' | 'notAfter'>,
  jitter: number,
): number {
  const life = notAfter - notBefore;
  return notAfter - life / 3 - (life / 20) * jitter;
}

/**
 * How long to wait after so many failures in a row: twice as long each time, and never shorter than the authority asks.
 * @param jitter from 0 to 1
 */
export function retryDelay(failures: number, error: unknown, jitter: number): number {
  const backOff = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS);
  const asked = error instanceof AcmeError ? (error.retryAfterMs ?? 0) : 0;
  return Math.round(Math.max(Math.min(asked, LONGEST_ASKED_MS), backOff * (0.8 + 0.4 * jitter)));
}
