import { fetch } from 'undici';
import { guardedAgent } from '../../egress/agent.ts';
import type { HttpServer } from '../../config/schema.ts';
import { EgressPolicy } from '../../egress/policy.ts';
import { allowedBy } from '../transport/remote.ts';

/** Bytes of the largest answer that is read: metadata and tokens are small. */
const MOST_BYTES = 1024 * 1024;
const TIMEOUT_MS = 15_000;
const MOST_REDIRECTS = 3;

/** The `fetch` that the OAuth client of the SDK uses. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` for addresses that a server named, which may be anybody's: only to where the policy allows, never without
 * TLS but on this machine and to the server's own origin, with an end to how much is read and how long it takes.
 * @param serverUrl the MCP server's own address, which the operator wrote down
 */
export function oauthFetch(policy: EgressPolicy, serverUrl: string): Fetch {
  const { origin } = new URL(serverUrl);
  const dispatcher = guardedAgent(policy, { connections: 4, keepAliveTimeout: 1000 });
  return async (input, init = {}) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    let url = new URL(input);
    for (let redirects = 0; ; redirects += 1) {
      checkScheme(url, origin);
      const answer = await fetch(url, {
        method: init.method ?? 'GET',
        headers: [...new Headers(init.headers)],
        body: textOf(init.body),
        redirect: 'manual',
        dispatcher,
        signal,
      });
      const location = answer.headers.get('location');
      // What is POSTed is a secret, and meant for one address.
      const follows = (init.method ?? 'GET') === 'GET' && answer.status >= 300 && answer.status < 400;
      if (!follows || location === null) return read(answer);
      await answer.body?.cancel();
      if (redirects === MOST_REDIRECTS) throw new TypeError(`${url.host} redirects without end`);
      url = new URL(location, url);
    }
  };
}

/** Where a server's authorization may take place: in public, where the server itself is, and where the operator says. */
export function fetchFor(server: HttpServer): Fetch {
  const { issuer } = server.auth ?? {};
  const named = issuer === undefined ? [] : [new URL(issuer).hostname.replace(/^\[(.*)\]$/, '$1')];
  return oauthFetch(new EgressPolicy({ allow: [...allowedBy(server), ...named] }), server.url);
}

/** > All authorization server endpoints MUST be served over HTTPS.  (basic/authorization, "Communication Security") */
function checkScheme(url: URL, ownOrigin: string): void {
  if (url.protocol === 'https:') return;
  if (url.protocol === 'http:' && (isLoopback(url) || url.origin === ownOrigin)) return;
  throw new TypeError(`${url.origin} is not https`);
}

/** Does this address mean this machine? */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}

/** The SDK sends forms and JSON, and no more. */
function textOf(body: RequestInit['body']): string | null {
  if (body instanceof URLSearchParams) return body.toString();
  return typeof body === 'string' ? body : null;
}

async function read(answer: Awaited<ReturnType<typeof fetch>>): Promise<Response> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body ?? []) {
    const bytes = piece as Uint8Array;
    size += bytes.length;
    if (size > MOST_BYTES) throw new TypeError('the answer of the authorization server is too large');
    pieces.push(bytes);
  }
  // These statuses may not have a body, not even an empty one.
  const body = [204, 205, 304].includes(answer.status) ? null : Buffer.concat(pieces);
  return new Response(body, { status: answer.status, headers: [...answer.headers] });
}
