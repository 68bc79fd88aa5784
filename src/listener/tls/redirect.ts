import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Listen } from '../../config/units.ts';
import { createServer } from '../../core/node-http.ts';
import { Crowd } from '../crowd.ts';
import { ListenError } from '../listen-error.ts';

export interface RedirectOptions {
  readonly listen: Listen;
  /** Hosts that are sent on to themselves, such as `mcp.example.com`; everybody else goes to the first. */
  readonly hosts: readonly string[];
  /** The port of https; 443 is not written. */
  readonly port: number;
  readonly timeoutMs: number;
  /** The answer to a challenge of an authority, by its token (RFC 8555, section 8.3). */
  challenge(token: string): string | undefined;
}

const CHALLENGE = '/.well-known/acme-challenge/';
/** Nobody has a reason to stay. */
const MOST_CONNECTIONS = 1000;
const MOST_OF_ONE = 50;
const LARGEST_HEAD = 8192;

/**
 * What listens for http beside an https gateway: it answers the challenges of a certificate authority, and tells
 * everybody else where https is. The host it sends people to is always one of the configuration, whatever a request says
 * of itself: else anybody could write links to anywhere that begin with our name.
 */
export class Redirect {
  readonly #options: RedirectOptions;
  readonly #server: Server;

  constructor(options: RedirectOptions) {
    this.#options = options;
    const { timeoutMs } = options;
    this.#server = createServer(
      {
        headersTimeout: timeoutMs,
        requestTimeout: timeoutMs,
        keepAliveTimeout: 1000,
        connectionsCheckingInterval: 1000,
        maxHeaderSize: LARGEST_HEAD,
      },
      (req, res) => this.#receive(req, res),
    );
    this.#server.maxConnections = MOST_CONNECTIONS;
    const crowd = new Crowd(MOST_OF_ONE, undefined);
    this.#server.on('connection', (socket: Socket) => {
      if (!crowd.enter(socket)) socket.destroy();
    });
  }

  /** @throws {ListenError} when the address cannot be had */
  async open(): Promise<number> {
    const { host, port } = this.#options.listen;
    await new Promise<void>((resolve, reject) => {
      this.#server.on('error', (error: NodeJS.ErrnoException) =>
        reject(
          new ListenError(
            error.code ?? error.message,
            host,
            port,
            'Choose another, or none, with tls.redirect.',
          ),
        ),
      );
      this.#server.listen({ host, port }, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }

  #receive(req: IncomingMessage, res: ServerResponse): void {
    // Nothing is read of a body, so nothing may follow it on this connection.
    res.setHeader('connection', 'close');
    const url = req.url ?? '/';
    if (url.startsWith(CHALLENGE)) return this.#answer(url.slice(CHALLENGE.length), res);
    res.writeHead(308, { location: this.#target(req.headers.host, url), 'content-length': 0 });
    res.end();
  }

  #answer(token: string, res: ServerResponse): void {
    const answer = this.#options.challenge(token);
    res.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/octet-stream' });
    res.end(answer);
  }

  #target(host: string | undefined, url: string): string {
    const { hosts, port } = this.#options;
    const asked = host?.toLowerCase().replace(/:\d+$/, '');
    const name = hosts.find((each) => each === asked) ?? hosts[0] ?? 'localhost';
    // `GET http://elsewhere/ HTTP/1.1` and `OPTIONS *` name no path of ours.
    const path = url.startsWith('/') ? url : '/';
    return `https://${name}${port === 443 ? '' : `:${port}`}${path.replaceAll(/[^\x21-\x7e]/g, encodeURIComponent)}`;
  }
}
