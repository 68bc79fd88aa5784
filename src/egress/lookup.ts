import { lookup as systemCall } from 'node:dns/promises';

/** Finds all addresses, IPv4 and IPv6, of a name. Rejects or answers none when it has none. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/**
 * The look-up of the operating system, with its hosts file and search domains, as every other program here does it.
 * The addresses come in the order in which it would try them (RFC 6724).
 */
export const systemLookup: Lookup = async (name) => {
  const found = await systemCall(name, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
};
