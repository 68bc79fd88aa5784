/** Where a connection really goes. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Says where to connect for a host and port of a URL; undefined: where its name leads. */
export type Dial = (place: Place) => Place | undefined;

/** Whose certificates are believed besides those that Node knows. */
export interface Trust {
  /** PEM. */
  readonly ca: string | undefined;
}

export function placeOf(url: URL): Place {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { host, port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80) };
}

/**
 * Reads `HOST:PORT:TO-HOST:TO-PORT`, as curl's `--connect-to` has it; an IPv6 address stands in brackets.
 * @returns undefined when it is not that
 */
export function parseConnectTo(text: string): readonly [from: Place, to: Place] | undefined {
  const parts = /^(\[[^\]]+\]|[^:]+):(\d{1,5}):(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(text);
  if (!parts) return undefined;
  const [, host = '', port, toHost = '', toPort] = parts;
  return [
    { host: bare(host), port: Number(port) },
    { host: bare(toHost), port: Number(toPort) },
  ];
}

/** A host without the brackets of IPv6. */
function bare(name: string): string {
  return name.replace(/^\[|\]$/g, '').toLowerCase();
}

/** The places of `--connect-to`. */
export function dialBy(pairs: readonly (readonly [Place, Place])[]): Dial {
  return ({ host, port }) => pairs.find(([from]) => from.host === host && from.port === port)?.[1];
}
