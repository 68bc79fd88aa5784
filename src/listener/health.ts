import type { ServerResponse } from 'node:http';

/** A server's name and state: all that somebody without a token gets to know of it. */
export interface ServerHealth {
  readonly name: string;
  readonly state: string;
}

/**
 * Is the gateway worth sending calls to? `ready` when every server is, `degraded` when only some are (the others
 * still work, so a load balancer keeps us), `unavailable` with 503 when none is.
 */
export function ready(servers: readonly ServerHealth[]): { status: number; body: unknown } {
  const good = servers.filter((server) => server.state === 'ready').length;
  const verdict = good === servers.length ? 'ready' : good > 0 ? 'degraded' : 'unavailable';
  return {
    status: verdict === 'unavailable' ? 503 : 200,
    body: { status: verdict, servers: servers.map(({ name, state }) => ({ name, state })) },
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
