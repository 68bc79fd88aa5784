import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a browser may remember that it asked. */
const MAX_AGE_S = 600;

/**
 * Lets a page of an allowed origin read our answers. Never `*`: the origin was checked at the door, and is named.
 * @returns true when the request was only a browser asking, and is answered
 */
export function cors(req: IncomingMessage, res: ServerResponse): boolean {
  const { origin } = req.headers;
  if (origin === undefined) return false;
  res.setHeader('access-control-allow-origin', origin);
  res.setHeader('vary', 'Origin');
  res.setHeader('access-control-expose-headers', 'Mcp-Session-Id, WWW-Authenticate');
  if (req.method !== 'OPTIONS' || req.headers['access-control-request-method'] === undefined) return false;
  res.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-allow-headers': req.headers['access-control-request-headers'] ?? '',
    'access-control-max-age': String(MAX_AGE_S),
  });
  res.end();
  return true;
}
