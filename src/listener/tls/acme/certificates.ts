import type { AcmeConfig, ChallengeType } from '../../../config/tls.ts';
import type { Logger } from '../../../telemetry/log.ts';
import { CertificateError } from '../certificate-error.ts';
import { readCertificate } from '../certificate.ts';
import type { Protocol } from '../protocol.ts';
import type { Slot } from '../slots.ts';
import type { Answers } from './answers.ts';
import { Authority } from './authority.ts';
import { Keep } from './keep.ts';
import { AcmeError } from './problem.ts';
import { Renewal } from './renewal.ts';

export interface AcmeOptions {
  readonly config: AcmeConfig;
  readonly protocol: Protocol;
  /** One for each domain, in their order. */
  readonly slots: readonly Slot[];
  readonly answers: Answers;
  /** Is http answered, so that an authority can look there? */
  readonly hasHttp: boolean;
  readonly home: string;
  readonly version: string;
  readonly log: Logger;
  /** Another certificate is in a slot. */
  readonly changed: () => void;
}

/** The certificates of an authority: what is kept of earlier, orders for what is missing, renewal of what gets old. */
export class AcmeCertificates {
  readonly #options: AcmeOptions;
  readonly #keep: Keep;
  readonly #authority: Authority;
  readonly #stop = new AbortController();
  readonly #renewals: readonly Renewal[];
  /** Orders come one after the other: they share an account, and an authority counts. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: AcmeOptions) {
    const { config, answers, version, home, log } = options;
    this.#options = options;
    this.#keep = new Keep(home, config.directory);
    this.#authority = new Authority({
      config,
      keep: this.#keep,
      answers,
      version,
      signal: this.#stop.signal,
    });
    this.#renewals = options.slots.map(
      (slot) =>
        new Renewal({
          slot,
          obtain: (attempt) => this.#inTurn(() => this.#obtain(slot, attempt)),
          failed: (error, delayMs) => {
            const problem = inWords(error);
            slot.fail(problem, Date.now() + delayMs);
            const { daysLeft } = slot.state;
            const retryInMinutes = Math.round(delayMs / 60_000);
            log.warn({ domain: slot.name, problem, daysLeft, retryInMinutes }, 'no new certificate');
          },
        }),
    );
  }

  /** Takes what is kept. */
  async load(): Promise<void> {
    await Promise.all(this.#options.slots.map((slot) => this.#take(slot)));
  }

  /** Orders what is missing. Resolves when each domain was tried once. */
  async begin(): Promise<void> {
    await Promise.all(this.#renewals.map((renewal) => renewal.begin()));
  }

  close(): void {
    for (const renewal of this.#renewals) renewal.close();
    this.#stop.abort();
  }

  /** @throws {CertificateError} where what is kept may not be used: a new order would only write beside it */
  async #take(slot: Slot): Promise<void> {
    const kept = await this.#keep.certificate(slot.name);
    if (kept === undefined) return;
    try {
      const certificate = readCertificate(
        kept.slice(kept.indexOf(CERTIFICATE)),
        kept,
        this.#options.protocol,
      );
      if (certificate.covers(slot.name)) slot.fill(certificate);
    } catch (error) {
      // Not one any more: a new one is ordered.
      if (!(error instanceof CertificateError)) throw error;
      this.#options.log.warn(
        { domain: slot.name, problem: error.message },
        'a kept certificate is of no use',
      );
    }
  }

  async #obtain(slot: Slot, attempt: number): Promise<void> {
    const { log, protocol, changed } = this.#options;
    const challenge = this.#challengeOf(attempt);
    log.info({ domain: slot.name, challenge }, 'ordering a certificate');
    const ordered = await this.#authority.order(slot.name, challenge);
    const certificate = readCertificate(ordered.cert, ordered.key, protocol);
    await this.#keep.keepCertificate(slot.name, ordered);
    slot.fill(certificate);
    changed();
    log.info({ domain: slot.name, daysLeft: slot.state.daysLeft }, 'a new certificate');
  }

  /** What did not work is tried the other way the next time. */
  #challengeOf(attempt: number): ChallengeType {
    const { config, hasHttp } = this.#options;
    if (config.challenge) return config.challenge;
    return hasHttp && attempt % 2 === 0 ? 'http-01' : 'tls-alpn-01';
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(() => {
      this.#stop.signal.throwIfAborted();
      return work();
    });
    this.#last = turn.catch(() => {});
    return turn;
  }
}

const CERTIFICATE = '-----BEGIN CERTIFICATE-----';

function inWords(error: unknown): string {
  if (error instanceof AcmeError || error instanceof CertificateError) return error.message;
  return error instanceof Error ? error.message : 'unknown';
}
