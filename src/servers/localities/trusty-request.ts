import { setTimeout as wait } from 'node:timers/promises';
import { apiFetch } from '../api-fetch.ts';

export interface TrustyDataOptions {
  readonly key: string;
  readonly baseUrl: string;
  /** For everything: attempts and the time between them. */
  readonly timeoutMs: number;
}

/** The API has not answered; the message is a clause that says why, for whoever called a tool. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
}

/** Asks the API for JSON. The parameters may hold lists. */
export type Ask = (path: string, parameters: URLSearchParams, signal: AbortSignal) => Promise<unknown>;

const MOST_ATTEMPTS = 3;
const FIRST_WAIT_MS = 250;
/** A thousand localities with all their details are a tenth of this. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * A way to the API, with up to three attempts where another one may help. "Retry-After" is obeyed: within the time there
 * is by waiting, else by not asking before.
 * @returns rejects with `ApiFailure`, or with the reason of the signal
 */
export function asking({ key, baseUrl, timeoutMs }: TrustyDataOptions): Ask {
  const fetch = apiFetch(baseUrl);
  const headers = { accept: 'application/json', authorization: `Bearer ${key}` };
  let notBefore = 0;

  return async (path, parameters, caller) => {
    if (performance.now() < notBefore)
      throw new ApiFailure('TrustyData asked to be left alone for a while (429)');
    const deadline = performance.now() + timeoutMs;
    const signal = AbortSignal.any([caller, AbortSignal.timeout(timeoutMs)]);
    const url = `${baseUrl.replace(/\/$/, '')}${path}?${parameters.toString()}`;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await attemptAt(() => fetch(url, { headers, signal }));
      if ('json' in outcome) return outcome.json;
      caller.throwIfAborted();
      const waitMs = outcome.retryAfterMs ?? FIRST_WAIT_MS * 2 ** (attempt - 1);
      if (outcome.retryAfterMs !== undefined) notBefore = performance.now() + outcome.retryAfterMs;
      const isLate = performance.now() + waitMs > deadline;
      if (!outcome.mayPass || attempt === MOST_ATTEMPTS || isLate) throw outcome.failure;
      await wait(waitMs, undefined, { signal }).catch(() => {});
      caller.throwIfAborted();
    }
  };
}

type Outcome =
  | { readonly json: unknown }
  | { readonly failure: ApiFailure; readonly mayPass: boolean; readonly retryAfterMs?: number | undefined };

async function attemptAt(request: () => ReturnType<ReturnType<typeof apiFetch>>): Promise<Outcome> {
  try {
    const { status, headers, body } = await request();
    const text = await readText(body);
    if (status === 200) return { json: JSON.parse(text) };
    if (status === 401 || status === 403) {
      const failure = new ApiFailure(
        `TrustyData refused the key (${status}): look at TRUSTYDATA_API_KEY, or apiKey in the options`,
      );
      return { failure, mayPass: false };
    }
    return {
      failure: new ApiFailure(
        status === 429 ? 'TrustyData had too many requests (429)' : `TrustyData answered ${status}`,
      ),
      mayPass: status === 429 || status >= 500,
      retryAfterMs: status === 429 || status === 503 ? retryAfter(headers.get('retry-after')) : undefined,
    };
  } catch (error) {
    return { failure: failureOf(error), mayPass: !isTimeout(error) && !(error instanceof SyntaxError) };
  }
}

function failureOf(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  if (isTimeout(error)) return new ApiFailure('TrustyData took too long');
  if (error instanceof SyntaxError)
    return new ApiFailure('TrustyData answered with something that is not JSON');
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return new ApiFailure(`TrustyData could not be reached${code === '' ? '' : ` (${code})`}`);
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
}

/** RFC 9110, 10.2.3: seconds, or a date. Milliseconds from now. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

async function readText(body: AsyncIterable<unknown> | null): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    const bytes = piece as Uint8Array;
    size += bytes.length;
    if (size > MOST_BYTES) throw new ApiFailure('TrustyData answered with more than is read');
    pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString('utf8');
}
