import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect } from '../../../../egress/connect.ts';
import { EgressPolicy } from '../../../../egress/policy.ts';
import { resolve } from '../../../../egress/resolve.ts';
import { AllowList } from './allow-list.ts';

/** The most tunnels of one container. */
const TUNNELS = 100;

/**
 * The one way out of a container with an allow-list: a proxy that knows CONNECT, and only to the hosts on the list. It
 * listens on a socket in a private folder; what brings the container there is the relay.
 */
export class EgressProxy {
  readonly #server: Server;
  readonly #allowed: AllowList;
  readonly #policy: EgressPolicy;
  readonly #sockets = new Set<Duplex>();

  constructor(allowed: readonly string[]) {
    this.#allowed = new AllowList(allowed);
    this.#policy = new EgressPolicy({ allow: this.#allowed.addresses });
    this.#server = createServer((_request, response) => {
      response.writeHead(405, { connection: 'close' }).end('This proxy takes CONNECT.\n');
    });
    this.#server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
      // Nobody hears an error of a tunnel: it ends, at both ends.
      client.on('error', () => client.destroy());
      void this.#tunnel(request.url ?? '', client, head).catch(() => {
        refuse(client, '502 Bad Gateway');
      });
    });
  }

  async listen(path: string): Promise<void> {
    this.#server.listen(path);
    await once(this.#server, 'listening');
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #tunnel(authority: string, client: Duplex, head: Buffer): Promise<void> {
    const target = this.#allowed.find(authority);
    if (!target) return refuse(client, '403 Forbidden');
    if (this.#sockets.size >= TUNNELS) return refuse(client, '503 Service Unavailable');
    this.#sockets.add(client);
    client.once('close', () => this.#sockets.delete(client));
    const server = await connect(await resolve(target.host, this.#policy), { port: target.port });
    server.on('error', () => server.destroy());
    server.once('close', () => client.destroy());
    client.once('close', () => server.destroy());
    if (client.destroyed) return void server.destroy();
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    server.write(head);
    client.pipe(server).pipe(client);
  }
}

function refuse(client: Duplex, status: string): void {
  client.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}
