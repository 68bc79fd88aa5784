import { isIP } from 'node:net';
import { fetch } from 'undici';
import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { guardedAgent } from '../egress/agent.ts';
import { EgressPolicy } from '../egress/policy.ts';

/** Bytes of the largest answer that is read: keys and metadata are small. */
const MOST_BYTES = 512 * 1024;
const TIMEOUT_MS = 10_000;

/** Asks an authorization server for a JSON object. */
export type FetchJson = (
  url: string,
  init?: { readonly body?: URLSearchParams; readonly headers?: Readonly<Record<string, string>> },
) => Promise<JsonObject>;

/**
 * A way to the authorization server that the configuration names, and to nowhere else that is not public: what its
 * metadata says of other addresses is its own word.
 * @param url what the operator wrote down
 */
export function fetchJsonFor(url: string, allowPrivate: boolean): FetchJson {
  const { hostname } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const isMeant = allowPrivate || isIP(host) !== 0;
  const policy = new EgressPolicy({
    allow: isLoopback(host) ? ['127.0.0.0/8', '::1'] : isMeant ? [host] : [],
  });
  const dispatcher = guardedAgent(policy, { connections: 4, keepAliveTimeout: 1000 });
  return async (target, { body, headers = {} } = {}) => {
    const { protocol, hostname: there } = new URL(target);
    if (protocol !== 'https:' && !isLoopback(there.replace(/^\[(.*)\]$/, '$1')))
      throw new TypeError(`${target} is not https`);
    const answer = await fetch(target, {
      method: body ? 'POST' : 'GET',
      headers: { accept: 'application/json', ...headers },
      body: body ?? null,
      // Whoever answers for keys answers himself.
      redirect: 'error',
      dispatcher,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await readText(answer.body);
    if (answer.status !== 200) throw new TypeError(`${target} answered ${answer.status}`);
    const value = JSON.parse(text) as JsonValue;
    if (!isObject(value)) throw new TypeError(`${target} did not answer with a JSON object`);
    return value;
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host);
}

async function readText(body: AsyncIterable<unknown> | null): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    const bytes = piece as Uint8Array;
    size += bytes.length;
    if (size > MOST_BYTES) throw new TypeError('the answer is too large');
    pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString('utf8');
}
