import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../../core/principal.ts';
import { failure } from '../../core/reply.ts';
import { refuse } from '../../wire/refuse.ts';

/** Where somebody with a new token can see whether it is one. */
export const HELLO = '/hello';

/** Says who a token is: the smallest protected resource there is. */
export function sayHello(
  req: IncomingMessage,
  res: ServerResponse,
  { id, clientId, email, scopes }: Principal,
): void {
  if (req.method !== 'GET' && req.method !== 'HEAD')
    return refuse(res, failure('method_not_allowed'), { allow: 'GET, HEAD' });
  const text = JSON.stringify({
    authenticated_client: clientId ?? id,
    scope: scopes?.join(' ') ?? '',
    timestamp: new Date().toISOString(),
  });
  res.writeHead(200, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(text),
    // For a proxy that asks here who calls (`deploy nginx --auth-request`). What cannot stand in a header is left out.
    ...(email !== undefined && /^[\x21-\x7e]+$/.test(email) && { 'x-user-email': email }),
  });
  res.end(text);
}
