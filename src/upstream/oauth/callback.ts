import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the authorization server sent the browser back with. */
export interface Returned {
  readonly code: string | undefined;
  readonly iss: string | undefined;
  readonly error: string | undefined;
  readonly errorDescription: string | undefined;
}

export interface Callback {
  readonly redirectUrl: string;
  /** Resolves when the browser comes back with this state. Whoever comes with another one is sent away. */
  returned(state: string, signal: AbortSignal): Promise<Returned>;
  close(): void;
}

const PATH = '/callback';

/**
 * Waits on loopback for the browser to come back (RFC 8252, 7.3).
 * @param port 0 for any
 */
export async function openCallback(port: number): Promise<Callback> {
  let expected: { state: string; resolve: (returned: Returned) => void } | undefined;
  const server = createServer((req: IncomingMessage, res: ServerResponse): void => {
    const url = new URL(req.url ?? '/', 'http://localhost');
    if (req.method !== 'GET' || url.pathname !== PATH) return void res.writeHead(404).end();
    const { searchParams: query } = url;
    const isOurs = expected !== undefined && query.get('state') === expected.state;
    // No word of the query goes onto the page: it is anybody's.
    page(res, isOurs ? 200 : 400, isOurs ? DONE : 'This is not the answer to a login that was begun here.');
    if (!isOurs) return;
    expected?.resolve({
      code: query.get('code') ?? undefined,
      iss: query.get('iss') ?? undefined,
      error: query.get('error') ?? undefined,
      errorDescription: query.get('error_description') ?? undefined,
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    redirectUrl: `http://127.0.0.1:${bound}${PATH}`,
    returned: (state, signal) =>
      new Promise((resolve, reject) => {
        const stop = (): void => reject(signal.reason);
        signal.addEventListener('abort', stop, { once: true });
        if (signal.aborted) stop();
        expected = { state, resolve };
      }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const DONE = 'The login is complete as far as the browser goes. You can close this page.';

function page(res: ServerResponse, status: number, text: string): void {
  const html = `<!doctype html><meta charset="utf-8"><title>Sallyport</title><p>${text}</p>`;
  res.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  res.end(html);
}
