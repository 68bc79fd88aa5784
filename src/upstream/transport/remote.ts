import { isIP } from 'node:net';
import type { Failure } from '../../core/reply.ts';
import type { Lookup } from '../../egress/lookup.ts';
import { EgressPolicy } from '../../egress/policy.ts';
import { type Credentials, HttpClient } from './http-client.ts';
import { StreamableHttp } from './http.ts';
import { SseTransport } from './sse.ts';
import type { Ending, Outline, Transport, TransportEvents } from './transport.ts';

/** Where a server is. */
interface ServerAddress {
  readonly url: string;
  /** May its name lead to an address that is not public? */
  readonly allowPrivate?: boolean | undefined;
}

/** A server behind a URL, as the configuration names it. */
export interface RemoteServer extends ServerAddress {
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: Streamable HTTP, and HTTP+SSE where the server does not know it. */
  readonly transport: 'http' | 'sse' | undefined;
}

export interface RemoteOptions {
  readonly server: RemoteServer;
  /** Bytes that one message may have. */
  readonly messageLimit: number;
  /** Milliseconds for saying good-bye. */
  readonly stopMs: number;
  readonly credentials?: Credentials | undefined;
  /** How names are looked up. Default: as every other program of this machine does. */
  readonly lookup?: Lookup | undefined;
}

/**
 * A way to a server behind a URL. Which of the two transports of HTTP it has is found out by the first `initialize`: a
 * server of 2024-11-05 does not take it where it has its stream.
 */
export class RemoteTransport implements Transport {
  readonly #options: RemoteOptions;
  readonly #events: TransportEvents;
  #current: Transport;
  #closed = false;
  /** What `close` has still to say. */
  #unsaid: Ending | undefined;

  constructor(options: RemoteOptions, events: TransportEvents) {
    this.#options = options;
    this.#events = events;
    const { server, messageLimit, stopMs } = options;
    this.#current =
      server.transport === 'sse'
        ? new SseTransport({ client: this.#client(), messageLimit }, events)
        : new StreamableHttp(
            {
              client: this.#client(),
              messageLimit,
              stopMs,
              ...(server.transport === undefined && { fallBack: this.#fallBack }),
            },
            events,
          );
  }

  get streamPerRequest(): boolean {
    return this.#current.streamPerRequest ?? false;
  }

  send(message: string, outline?: Outline): boolean {
    return this.#current.send(message, outline);
  }

  cancel(id: number): boolean {
    return this.#current.cancel?.(id) ?? false;
  }

  opened(protocolVersion: string): void {
    this.#current.opened?.(protocolVersion);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#current.close();
    if (this.#unsaid) this.#events.closed(this.#unsaid);
    this.#unsaid = undefined;
  }

  readonly #fallBack = (message: string, outline: Outline, problem: Failure): boolean => {
    if (this.#closed) return false;
    const { messageLimit } = this.#options;
    const { id } = outline;
    const events = this.#events;
    let stands = false;
    this.#current = new SseTransport(
      { client: this.#client(), messageLimit },
      {
        ...events,
        message: (incoming) => {
          stands = true;
          events.message(incoming);
        },
        closed: (ending) => {
          // No server of 2024-11-05 either: what it said to `initialize` tells more than what it said to GET.
          if (stands || this.#closed || id === undefined) return events.closed(ending);
          this.#unsaid = ending;
          events.message({ kind: 'error', id, error: problem.error });
        },
      },
    );
    return this.#current.send(message, outline);
  };

  #client(): HttpClient {
    const { server, credentials, lookup } = this.#options;
    const { url, headers } = server;
    return new HttpClient({
      url,
      headers,
      egress: new EgressPolicy({ allow: allowedBy(server), ...(lookup && { lookup }) }),
      credentials,
    });
  }
}

/**
 * Where connections to this server may go. An address that the operator wrote down is meant; a name is trusted to lead to
 * the public Internet only, since whoever owns the name decides where it leads.
 */
export function allowedBy({ url, allowPrivate = false }: ServerAddress): string[] {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost'))
    return allowPrivate ? [host] : ['127.0.0.0/8', '::1'];
  return isIP(host) !== 0 || allowPrivate ? [host] : [];
}
