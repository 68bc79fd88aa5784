import { isIP } from 'node:net';
import { fetch } from 'undici';
import { isObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { guardedAgent } from '../../egress/agent.ts';
import { EgressPolicy } from '../../egress/policy.ts';

/** Bytes of the largest answer that is read. */
const MOST_BYTES = 512 * 1024;
const TIMEOUT_MS = 10_000;

export interface HttpAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** Undefined where the body is no JSON object. */
  readonly json: JsonObject | undefined;
}

export interface HttpRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes it a POST. */
  readonly body?: string;
}

/** Asks for something, without following where it is sent to. */
export type Http = (url: string, request?: HttpRequest) => Promise<HttpAnswer>;

/**
 * A way to the addresses that the operator wrote down, and to others only where they are public: what a document says of
 * them is its own word.
 */
export function httpTo(written: readonly string[]): Http {
  const policy = new EgressPolicy({ allow: written.flatMap(allowed) });
  // One connection for each request: these tools are seldom called, and leave nothing open.
  return async (url, { headers = {}, body } = {}) => {
    const dispatcher = guardedAgent(policy, { pipelining: 0 });
    try {
      const answer = await fetch(url, {
        ...(body !== undefined && { method: 'POST', body }),
        headers: { accept: 'application/json', ...headers },
        redirect: 'manual',
        dispatcher,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const json = objectOf(await textOf(answer.body));
      return { status: answer.status, header: (name) => answer.headers.get(name) ?? undefined, json };
    } finally {
      await dispatcher.destroy();
    }
  };
}

/** The entries of an egress policy that open this address, whatever network it is in. */
function allowed(url: string): string[] {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === 'localhost') return ['127.0.0.0/8', '::1', host];
  return [isIP(host) === 0 ? host : `${host}/${isIP(host) === 4 ? 32 : 128}`];
}

async function textOf(body: AsyncIterable<unknown> | null): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    if (!(piece instanceof Uint8Array)) continue;
    size += piece.length;
    if (size > MOST_BYTES) return '';
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function objectOf(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
