import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject } from '../core/json.ts';
import type { Failure } from '../core/reply.ts';
import { errorHeaders } from './challenge.ts';
import { errorText, type Id } from './jsonrpc.ts';

/** How long what is left of a refused body is taken in and thrown away, in milliseconds. */
const LINGER_MS = 2000;

const reasons = new WeakMap<ServerResponse, string>();

/** Whoever wants to hear of it when a request is refused. */
export interface RefusalWatcher {
  /** @param reason its name in the error table */
  refused(reason: string): void;
}

/** Where a response has its watcher: on itself, since a map of all responses costs each request more than this. */
const WATCHER = Symbol('who hears of a refusal');

type Watched = ServerResponse & { [WATCHER]?: RefusalWatcher };

/** From now on this watcher hears when this request is refused. */
export function watchRefusal(res: Watched, watcher: RefusalWatcher): void {
  res[WATCHER] = watcher;
}

/** Who hears of it when this request is refused. */
export function refusalWatcherOf(res: Watched): RefusalWatcher | undefined {
  return res[WATCHER];
}

/** Why a request was refused, by its name in the error table; undefined: it was not. */
export function refusalOf(res: ServerResponse): string | undefined {
  return reasons.get(res);
}

/**
 * Answers a request that went no further with an HTTP status, and a JSON-RPC error that says the same.
 *
 * A client that still sends gets a moment to read the answer. To close at once would reset the connection, and it would
 * never learn why; to take everything in would let it send for ever.
 *
 * @param id of the request, where it was read already
 */
export function refuse(
  res: ServerResponse,
  failure: Failure,
  headers: Record<string, string> = {},
  id: Id | null = null,
): void {
  if (res.headersSent || res.destroyed) return;
  const text = errorText(id, failure.error);
  const { status = 400, data } = failure.error;
  if (isObject(data) && typeof data['reason'] === 'string') {
    reasons.set(res, data['reason']);
    refusalWatcherOf(res)?.refused(data['reason']);
  }
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...errorHeaders(failure.error),
    ...headers,
  });
  const { req } = res;
  if (req.complete || !hasBody(req)) return void res.end(text);
  // The answer goes out whole now. It only ends with the request: at its end a connection that is not kept is closed.
  res.write(text);
  const patience = setTimeout(() => req.socket.destroy(), LINGER_MS).unref();
  req.once('close', () => clearTimeout(patience));
  req.once('end', () => res.end());
  req.resume();
}

/** > The presence of a message body in a request is signaled by a Content-Length or Transfer-Encoding  (RFC 9112, 6) */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}
