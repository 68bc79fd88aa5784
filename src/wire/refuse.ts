import type { ServerResponse } from 'node:http';
import type { Failure } from '../core/reply.ts';
import { errorText } from './jsonrpc.ts';

/** Answers a request that never became a message with an HTTP status, and a JSON-RPC error that says the same. */
export function refuse(res: ServerResponse, failure: Failure, headers: Record<string, string> = {}): void {
  if (res.headersSent || res.destroyed) return;
  const text = errorText(null, failure.error);
  const { status = 400 } = failure.error;
  // What is left of a body that is too large or too slow is not waited for.
  const close = status === 413 || status === 408 ? { connection: 'close' } : {};
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...close,
    ...headers,
  });
  res.end(text);
}
