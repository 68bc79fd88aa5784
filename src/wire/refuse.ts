import type { ServerResponse } from 'node:http';
import type { Failure } from '../core/reply.ts';
import { errorText } from './jsonrpc.ts';

/**
 * Answers a request that never became a message with an HTTP status, and a JSON-RPC error that says the same.
 *
 * The connection stays open, also where most of a body is still to come: Node takes the rest in and throws it away,
 * within the time a request has. To close at once would reset the connection, and the client would never read why.
 */
export function refuse(res: ServerResponse, failure: Failure, headers: Record<string, string> = {}): void {
  if (res.headersSent || res.destroyed) return;
  const text = errorText(null, failure.error);
  const { status = 400 } = failure.error;
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  res.end(text);
}
