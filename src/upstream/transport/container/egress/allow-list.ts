import { isIP } from 'node:net';

/** One of the hosts that a container may reach. */
interface Entry {
  /** In lower case; `.example.com` for all names below example.com. */
  readonly host: string;
  readonly port: number;
}

/** The port of an entry that names none. */
const HTTPS = 443;

/** Which hosts a container may reach, as the configuration names them: `HOST`, `HOST:PORT`, `*.HOST`. */
export class AllowList {
  readonly #entries: readonly Entry[];

  constructor(entries: readonly string[]) {
    this.#entries = entries.map(entryOf);
  }

  /** @param authority as a CONNECT request names it: `HOST:PORT` */
  find(authority: string): { readonly host: string; readonly port: number } | undefined {
    const { host, port } = entryOf(authority);
    const isAllowed = this.#entries.some(
      (entry) =>
        entry.port === port &&
        (entry.host === host || (entry.host.startsWith('.') && host.endsWith(entry.host))),
    );
    return isAllowed ? { host, port } : undefined;
  }

  /**
   * What of it may be an address that is not public: one that stands there itself. A name must lead to a public one, or
   * whoever owns it would say which machines of this network can be reached.
   */
  get addresses(): string[] {
    return this.#entries.map(({ host }) => host).filter((host) => isIP(host) !== 0 || host === 'localhost');
  }
}

function entryOf(text: string): Entry {
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = (bracketed ?? plain).toLowerCase().replace(/\.$/, '');
  return { host: host.replace(/^\*\./, '.'), port: port === undefined ? HTTPS : Number(port) };
}
