import type { AcmeConfig, ChallengeType } from '../../../config/tls.ts';
import { readText } from '../../../config/read-text.ts';
import { CertificateError } from '../certificate-error.ts';
import type { Answers } from './answers.ts';
import type { AcmeHttp } from './http.ts';
import type { Keep } from './keep.ts';
import { orderCertificate, type Ordered } from './order.ts';
import { AcmeError, adviceFor } from './problem.ts';

export interface AuthorityOptions {
  readonly config: AcmeConfig;
  readonly keep: Keep;
  readonly answers: Answers;
  readonly version: string;
  readonly signal: AbortSignal;
}

/** Orders certificates at one authority, under one account. The library behind it is loaded with the first order. */
export class Authority {
  readonly #options: AuthorityOptions;
  #http: AcmeHttp | undefined;

  constructor(options: AuthorityOptions) {
    this.#options = options;
  }

  /** @throws {AcmeError | CertificateError} with what is wrong, and what can be done about it */
  async order(domain: string, challenge: ChallengeType): Promise<Ordered> {
    const { config, answers, signal } = this.#options;
    const http = (this.#http ??= await this.#openHttp());
    try {
      const client = http.client(config.directory, await this.#accountKey(http));
      // Asked each time: an authority answers with the account that is there, and forgets none of what changed.
      await client.createAccount({
        termsOfServiceAgreed: config.termsAgreed,
        ...(config.email !== undefined && { contact: [`mailto:${config.email}`] }),
      });
      return await orderCertificate(client, { domain, challenge, answers, http, signal });
    } catch (error) {
      if (error instanceof CertificateError) throw error;
      throw this.#inWords(error, http, domain, challenge);
    }
  }

  async #openHttp(): Promise<AcmeHttp> {
    const { config, version, signal } = this.#options;
    const { AcmeHttp: Made } = await import('./http.ts');
    if (config.ca === undefined) return new Made({ ca: undefined, version, signal });
    const reading = await readText(config.ca, 'regular');
    if ('problem' in reading) throw new CertificateError(`${config.ca}: ${reading.problem}`);
    return new Made({ ca: reading.value, version, signal });
  }

  async #accountKey(http: AcmeHttp): Promise<string> {
    const { keep } = this.#options;
    const kept = await keep.account();
    if (kept !== undefined) return kept;
    const key = (await http.crypto.createPrivateEcdsaKey('P-256')).toString('utf8');
    await keep.keepAccount(key);
    return key;
  }

  #inWords(error: unknown, http: AcmeHttp, domain: string, challenge: ChallengeType): AcmeError {
    if (error instanceof AcmeError) return error;
    const { host } = new URL(this.#options.config.directory);
    const { problem, retryAfterMs } = http;
    if (problem) {
      const text = `${host} refuses: ${problem.detail} ${adviceFor(problem, domain, challenge)}`.trim();
      return new AcmeError(text, { retryAfterMs, cause: error });
    }
    const reason = error instanceof Error ? error.message : 'for no reason that is known';
    return new AcmeError(`${host} cannot be asked: ${reason}`, { retryAfterMs, cause: error });
  }
}
