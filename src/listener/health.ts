import type { ServerResponse } from 'node:http';

/** A server's name and state: all that somebody without a token gets to know of it. */
export interface ServerHealth {
  readonly name: string;
  readonly state: string;
  /** Present while the server is not tried at every call, because it failed too often. */
  readonly breaker?: { readonly cause: 'start' | 'crash' };
}

/** What everybody sees who connects, and what nobody else would tell in time. */
export interface CertificateHealth {
  readonly name: string;
  readonly source: 'acme' | 'file';
  /** Undefined: there is none yet. */
  readonly daysLeft: number | undefined;
  /** Why there is no newer one. */
  readonly problem: string | undefined;
}

type CertificateVerdict = 'valid' | 'not renewed' | 'expiring' | 'expired' | 'missing';

/** With so many days left, somebody has to look: it should have been renewed long before. */
const FEW_DAYS = 7;

/** Why a server is not tried, in words that tell a stranger nothing of what it is or what it printed. */
const CAUSES = {
  start: 'It fails to start again and again.',
  crash: 'It ends by itself again and again.',
} as const;

/**
 * Is the gateway worth sending calls to? `ready` when every server is (or would be: one that nobody uses need not run),
 * `degraded` when only some are (the others still work, so a load balancer keeps us) or a certificate is about to fail,
 * `unavailable` with 503 when none is.
 */
export function ready(
  servers: readonly ServerHealth[],
  certificates: readonly CertificateHealth[] = [],
): { status: number; body: unknown } {
  const good = servers.filter(({ state }) => state === 'ready' || state === 'idle').length;
  const shown = certificates.map((certificate) => ({
    name: certificate.name,
    // What went wrong is in the log, and in `sallyport status`: a stranger learns that it did.
    state: stateOf(certificate),
    ...(certificate.daysLeft !== undefined && { daysLeft: certificate.daysLeft }),
  }));
  const isShown = shown.every(({ state }) => state === 'valid' || state === 'not renewed');
  const isWell = good === servers.length && isShown;
  const verdict = isWell ? 'ready' : good > 0 || servers.length === 0 ? 'degraded' : 'unavailable';
  return {
    status: verdict === 'unavailable' ? 503 : 200,
    body: {
      status: verdict,
      servers: servers.map(({ name, state, breaker }) => ({
        name,
        state,
        ...(breaker && { breaker: 'open', reason: CAUSES[breaker.cause] }),
      })),
      ...(shown.length > 0 && { certificates: shown }),
    },
  };
}

/** One that renews itself is looked after, however short it lasts; one from a file is somebody's to replace. */
function stateOf({ daysLeft, source, problem }: CertificateHealth): CertificateVerdict {
  if (daysLeft === undefined) return 'missing';
  if (daysLeft < 0) return 'expired';
  if (daysLeft < FEW_DAYS && (source === 'file' || problem !== undefined)) return 'expiring';
  return problem === undefined ? 'valid' : 'not renewed';
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
