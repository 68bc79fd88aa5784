import type { ServerResponse } from 'node:http';

/** A server's name and state: all that somebody without a token gets to know of it. */
export interface ServerHealth {
  readonly name: string;
  readonly state: string;
  /** Present while the server is not tried at every call, because it failed too often. */
  readonly breaker?: { readonly cause: 'start' | 'crash' };
}

/** Why a server is not tried, in words that tell a stranger nothing of what it is or what it printed. */
const CAUSES = {
  start: 'It fails to start again and again.',
  crash: 'It ends by itself again and again.',
} as const;

/**
 * Is the gateway worth sending calls to? `ready` when every server is (or would be: one that nobody uses need not run),
 * `degraded` when only some are (the others
 * still work, so a load balancer keeps us), `unavailable` with 503 when none is.
 */
export function ready(servers: readonly ServerHealth[]): { status: number; body: unknown } {
  const good = servers.filter(({ state }) => state === 'ready' || state === 'idle').length;
  const verdict = good === servers.length ? 'ready' : good > 0 ? 'degraded' : 'unavailable';
  return {
    status: verdict === 'unavailable' ? 503 : 200,
    body: {
      status: verdict,
      servers: servers.map(({ name, state, breaker }) => ({
        name,
        state,
        ...(breaker && { breaker: 'open', reason: CAUSES[breaker.cause] }),
      })),
    },
  };
}

export function sendHealth(res: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  res.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(text),
  });
  res.end(text);
}
