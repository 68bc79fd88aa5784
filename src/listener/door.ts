import type { IncomingMessage } from 'node:http';
import { failure, type Failure } from '../core/reply.ts';

export interface DoorOptions {
  /** `host` or `host:port` that requests may name, besides the loopback ones and the address itself. */
  readonly allowedHosts: readonly string[];
  /** Origins that web pages may come from, besides loopback ones. */
  readonly allowedOrigins: readonly string[];
  readonly publicUrl?: string | undefined;
}

/**
 * The first look at a request. A web page that a user merely visits can send requests to this machine, by its own
 * Origin, or by a name that suddenly resolves here (DNS rebinding); so both headers have to be ones we expect.
 *
 * > Servers MUST validate the `Origin` header on all incoming connections to prevent DNS rebinding attacks
 * > (basic/transports/streamable-http)
 */
export class Door {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  /** The name that was right before: nearly every request of a client comes with the same one. */
  #lastHost: string | undefined;

  constructor(options: DoorOptions) {
    const published = options.publicUrl === undefined ? undefined : new URL(options.publicUrl);
    this.#hosts = new Set([...options.allowedHosts, ...(published ? [published.host] : [])].map(lower));
    this.#origins = new Set([...options.allowedOrigins, ...(published ? [published.origin] : [])].map(lower));
  }

  /** Why this request is not let in, or undefined. */
  refusal(req: IncomingMessage): Failure | undefined {
    const { host, origin } = req.headers;
    if (host === undefined || !this.#isOurHost(host, req)) return failure('host_not_allowed');
    if (origin !== undefined && !this.allowsOrigin(origin)) return failure('origin_not_allowed');
    return undefined;
  }

  allowsOrigin(origin: string): boolean {
    if (this.#origins.has(origin.toLowerCase())) return true;
    return URL.canParse(origin) && isLoopback(new URL(origin).hostname);
  }

  #isOurHost(host: string, req: IncomingMessage): boolean {
    if (host === this.#lastHost) return true;
    const given = host.toLowerCase();
    const name = given.replace(/:\d+$/, '');
    if (isLoopback(name) || this.#hosts.has(given) || this.#hosts.has(name)) {
      this.#lastHost = host;
      return true;
    }
    // An address that was dialled as such needed no DNS, so nothing was rebound.
    const local = req.socket.localAddress?.replace(/^::ffff:/, '');
    return local !== undefined && (name === local || name === `[${local}]`);
  }
}

/** Is this a name by which only this machine reaches itself? */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function lower(text: string): string {
  return text.toLowerCase();
}
