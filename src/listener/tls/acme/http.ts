import { Agent } from 'node:https';
import acme from 'acme-client';
import { type Problem, problemOf } from './problem.ts';

export interface HttpOptions {
  /** Certificates that the authority's own is checked with; undefined: those that Node knows. */
  readonly ca: string | undefined;
  readonly version: string;
  readonly signal: AbortSignal;
}

/** How long one answer of an authority may take, and how long it may be. */
const ANSWER_MS = 30_000;
const LARGEST_ANSWER = 1024 * 1024;

/**
 * The HTTP of the ACME client. By itself it repeats requests for as long as a `Retry-After` says, in the midst of an
 * order, and makes of every failed connection a TypeError; here a request is made once, and what an authority says of
 * later is kept for whoever plans the next try.
 */
export class AcmeHttp {
  readonly crypto = acme.crypto;
  #retryAfterMs: number | undefined;
  #problem: Problem | undefined;

  constructor({ ca, version, signal }: HttpOptions) {
    const { axios } = acme;
    axios.interceptors.response.clear();
    axios.interceptors.request.clear();
    axios.interceptors.request.use((config) => {
      config.signal = signal;
      config.timeout = ANSWER_MS;
      config.maxContentLength = LARGEST_ANSWER;
      config.maxRedirects = 0;
      // Each status is the library's to judge.
      config.validateStatus = () => true;
      config.headers.set('User-Agent', `sallyport/${version}`);
      if (ca !== undefined) config.httpsAgent = new Agent({ ca });
      return config;
    });
    axios.interceptors.response.use((response) => {
      this.#retryAfterMs = millisecondsOf(response.headers['retry-after']);
      this.#problem = response.status >= 400 ? problemOf(response.data) : undefined;
      return response;
    });
  }

  /** What the last answer says of when to ask again. */
  get retryAfterMs(): number | undefined {
    return this.#retryAfterMs;
  }

  /** What the last answer complains of. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  client(directoryUrl: string, accountKey: string): acme.Client {
    return new acme.Client({ directoryUrl, accountKey });
  }
}

/** > Retry-After = HTTP-date / delay-seconds (RFC 9110, section 10.2.3) */
export function millisecondsOf(header: unknown): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = /^[A-Z][a-z]{2},? /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
