import type { IncomingMessage, RequestListener, Server, ServerOptions, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { AddressBlocks } from '../config/address-block.ts';
import { createServer } from '../core/node-http.ts';
import { type Failure, failure } from '../core/reply.ts';
import { refuse } from '../wire/refuse.ts';
import { addressOf } from './address.ts';
import { cors } from './cors.ts';
import { Crowd } from './crowd.ts';
import { Door, type DoorOptions } from './door.ts';
import { framingFault } from './framing.ts';
import { type CertificateHealth, ready, sendHealth, type ServerHealth } from './health.ts';
import { ListenError } from './listen-error.ts';
import { type Aliases, type Endpoint, prefixOf, routeOf } from './routes.ts';

export { ListenError } from './listen-error.ts';

export interface ListenerOptions extends DoorOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly aliases?: Aliases | undefined;
  readonly connections: number;
  /** Of one address, other than this machine and trusted proxies. Undefined: as many as of all. */
  readonly connectionsPerAddress?: number | undefined;
  /** Milliseconds for the headers, for headers and body together, and for a connection without a request. */
  readonly headersMs: number;
  readonly bodyMs: number;
  readonly idleMs: number;
  /** Sees every request, before anything is known of it. */
  observe?: ((req: IncomingMessage, res: ServerResponse, address: string | undefined) => void) | undefined;
  health(): readonly ServerHealth[];
  /** TLS of its own; undefined: what is spoken is plain. */
  readonly secure?: Secure | undefined;
  /** Whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[] | undefined;
  /**
   * A request to an MCP endpoint that came through the door.
   * @param address where it comes from; undefined when the client is gone already
   */
  mcp(
    req: IncomingMessage,
    res: ServerResponse,
    scope: string | undefined,
    endpoint: Endpoint,
    address: string | undefined,
  ): void;
  /**
   * A request for any other path.
   * @param path without its query
   * @returns false when there is nothing at this path either
   */
  page?(req: IncomingMessage, res: ServerResponse, path: string, address: string | undefined): boolean;
}

/** What makes of the listener one of https. */
export interface Secure {
  readonly createServer: (options: ServerOptions, handler: RequestListener) => Server;
  certificates(): readonly CertificateHealth[];
}

/** How often a listener that closes looks for connections that have become idle. */
const SWEEP_MS = 50;

/** The socket: timeouts, the door, the routes. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #door: Door;
  readonly #prefix: string;
  readonly #proxies: AddressBlocks | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #crowd: Crowd;
  /** Connections on which nothing is read any more. There is none until somebody sends what nobody should. */
  #closed: WeakSet<Socket> | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#door = new Door(options);
    this.#prefix = prefixOf(options.publicUrl);
    this.#proxies = options.trustedProxies && new AddressBlocks(options.trustedProxies);
    const create = options.secure ? options.secure.createServer : createServer;
    this.#server = create(
      {
        headersTimeout: options.headersMs,
        requestTimeout: options.headersMs + options.bodyMs,
        keepAliveTimeout: options.idleMs,
        // Node looks every 30 s by default, and a timeout is only as good as that.
        connectionsCheckingInterval: 1000,
      },
      (req, res) => this.#receive(req, res),
    );
    this.#server.maxConnections = options.connections;
    this.#crowd = new Crowd(options.connectionsPerAddress ?? options.connections, this.#proxies);
    const sockets = this.#sockets;
    // One function for all of them: one for each would make every idle connection larger.
    const left = function (this: Socket): void {
      sockets.delete(this);
    };
    const keep = (socket: Socket): void => {
      sockets.add(socket);
      socket.on('close', left);
    };
    this.#server.on('connection', (socket: Socket) => {
      if (this.#crowd.enter(socket)) keep(socket);
      else socket.destroy();
    });
    // A connection within TLS has read nothing until its first request, whatever the handshake took.
    if (options.secure) this.#server.on('secureConnection', keep);
  }

  /** @returns the address that was bound; a port of 0 in the options means any free one */
  async open(): Promise<{ host: string; port: number }> {
    const { host, port } = this.#options.listen;
    await new Promise<void>((resolve, reject) => {
      // It stays: what fails later is the accepting of single connections, which is no reason to end the others.
      this.#server.on('error', (error: NodeJS.ErrnoException) =>
        reject(new ListenError(error.code ?? error.message, host, port)),
      );
      this.#server.listen({ host, port }, resolve);
    });
    return { host, port: (this.#server.address() as AddressInfo).port };
  }

  /** Takes no new connections, and waits up to `drainMs` for the requests that are under way. */
  async close(drainMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    // Clients open connections ahead of need. Node takes one without a request for busy.
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
    // A connection that is busy now is idle after its last answer, and would be kept for the next request.
    const sweep = setInterval(() => this.#server.closeIdleConnections(), SWEEP_MS);
    const deadline = setTimeout(() => this.#server.closeAllConnections(), drainMs);
    await closed;
    clearInterval(sweep);
    clearTimeout(deadline);
  }

  #receive(req: IncomingMessage, res: ServerResponse): void {
    if (this.#closed?.has(req.socket)) return;
    const address = addressOf(req, this.#proxies);
    this.#options.observe?.(req, res, address);
    const fault = framingFault(req);
    if (fault) return this.#refuseForGood(req, res, fault);
    const refusal = this.#door.refusal(req);
    if (refusal) return refuse(res, refusal);
    if (cors(req, res)) return;
    const route = routeOf(req.url ?? '/', this.#prefix, this.#options.aliases);
    if (!route) return this.#other(req, res, address);
    if (route.kind !== 'health') return this.#options.mcp(req, res, route.scope, route.kind, address);
    if (req.method !== 'GET' && req.method !== 'HEAD')
      return refuse(res, failure('method_not_allowed'), { allow: 'GET, HEAD' });
    if (route.what !== 'ready') return sendHealth(res, 200, { status: 'ok' });
    const { status, body } = ready(this.#options.health(), this.#options.secure?.certificates());
    sendHealth(res, status, body);
  }

  /** Node would go on with the requests that follow in the same packet, whatever `Connection: close` says. */
  #refuseForGood(req: IncomingMessage, res: ServerResponse, fault: Failure): void {
    this.#closed ??= new WeakSet();
    this.#closed.add(req.socket);
    refuse(res, fault, { connection: 'close' });
    // Nobody waits for the end of what has no certain end.
    res.end();
  }

  #other(req: IncomingMessage, res: ServerResponse, address: string | undefined): void {
    const [path = ''] = (req.url ?? '').split('?', 1);
    if (this.#options.page?.(req, res, path, address) === true) return;
    refuse(res, failure('no_such_path', 'The endpoint is /mcp.'));
  }
}
