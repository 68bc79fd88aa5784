import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { type Dial, placeOf, type Trust } from './dial.ts';

export interface Knock {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Stop reading as soon as the body has this. */
  readonly until?: (text: string) => boolean;
  /** Stop waiting after this long and take what has come: for streams that stay open. Milliseconds. */
  readonly patienceMs?: number;
  /** Do not wait and try again where the answer is 429. */
  readonly once?: boolean;
  /** Take whatever certificate there is: for what is asked without a secret and judged by nothing but its redirects. */
  readonly unverified?: boolean;
  readonly signal?: AbortSignal;
}

export interface Answer {
  /** 0: no head of an answer came in time. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Milliseconds from the request until the head of the answer. */
  readonly headMs: number;
}

/** More of a body is not read. */
const MOST_BYTES = 512 * 1024;
/** How often to come again after 429, and how long to wait for that at most. */
const TRIES = 6;
const LONGEST_WAIT_MS = 5000;

/**
 * One request on a connection of its own, redirects not followed. A door that says `429` is asked again when it says so:
 * many checks knock at once, and a limit is nothing that is wrong.
 */
export async function knock(url: URL, options: Knock, dial: Dial, trust: Trust): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await knockOnce(url, options, dial, trust);
    if (answer.status !== 429 || options.once === true || attempt === TRIES) return answer;
    const seconds = Number(answer.headers['retry-after']) || 1;
    // A little apart from the others that were refused at the same moment.
    const ms = Math.min(seconds * 1000, LONGEST_WAIT_MS) + Math.random() * 1000;
    await pause(ms, undefined, { signal: options.signal });
  }
}

function knockOnce(
  url: URL,
  { method = 'GET', headers = {}, body, until, patienceMs, unverified, signal }: Knock,
  dial: Dial,
  { ca }: Trust,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const place = placeOf(url);
    const { host, port } = dial(place) ?? place;
    const isSecure = url.protocol === 'https:';
    const began = performance.now();
    const request = (isSecure ? httpsRequest : httpRequest)({
      host,
      port,
      method,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, 'user-agent': 'sallyport-doctor', ...headers },
      agent: false,
      signal,
      ...(isSecure && { servername: place.host, ca, rejectUnauthorized: unverified !== true }),
    });
    let head: Pick<Answer, 'status' | 'headers' | 'headMs'> = { status: 0, headers: {}, headMs: 0 };
    let text = '';
    const finish = (): void => {
      clearTimeout(timer);
      resolve({ ...head, text });
      request.destroy();
    };
    const timer = patienceMs === undefined ? undefined : setTimeout(finish, patienceMs);
    request.on('response', (response) => {
      head = {
        status: response.statusCode ?? 0,
        headers: response.headers,
        headMs: performance.now() - began,
      };
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > MOST_BYTES || until?.(text) === true) finish();
      });
      response.on('end', finish);
      response.on('error', reject);
    });
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end(body);
  });
}
