import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import {
  type Address,
  type Block,
  contains,
  embeddedAddresses,
  parseAddress,
  specialBlockOf,
} from './address.ts';
import { EgressError, quoted } from './error.ts';
import { type Host, parseHost } from './host.ts';
import { type Lookup, systemLookup } from './lookup.ts';

export interface EgressOptions {
  /** What is open besides the public Internet: CIDRs, IP addresses, and host names (whatever they resolve to). */
  readonly allow?: readonly string[];
  /** How names are looked up. Default: as every other program of this machine does. */
  readonly lookup?: Lookup;
  /** How long a look-up may take. Default: 5000. */
  readonly lookupTimeoutMs?: number;
}

/**
 * Where outgoing connections may go: public unicast addresses, and what `allow` opens besides.
 * @throws {EgressError} `invalid_allow` from the constructor
 */
export class EgressPolicy {
  readonly lookup: Lookup;
  readonly lookupTimeoutMs: number;
  readonly #names = new Set<string>();
  readonly #blocks: Block[] = [];

  constructor({ allow = [], lookup = systemLookup, lookupTimeoutMs = 5000 }: EgressOptions = {}) {
    this.lookup = lookup;
    this.lookupTimeoutMs = lookupTimeoutMs;
    for (const entry of allow) {
      const opened = parseAllow(entry);
      if (typeof opened === 'string') this.#names.add(opened);
      else this.#blocks.push(opened);
    }
  }

  /**
   * May a connection meant for this host go to this address?
   * @param text the address, plainly written
   * @throws {EgressError} `forbidden_address`, saying what to add to `allow`
   */
  check(host: Host, text: string): void {
    if (this.#names.has(host.name)) return;
    const address = parseAddress(text);
    // Fail closed: what cannot be read cannot be checked.
    if (!address) throw forbidden(host, 'something that is not an IP address', []);
    for (const each of [address, ...embeddedAddresses(address)]) this.#checkOne(host, each, address);
  }

  #checkOne(host: Host, address: Address, outer: Address): void {
    const special = specialBlockOf(address);
    if (!special || this.#blocks.some((block) => contains(block, address))) return;
    const hidden = address === outer ? '' : ', hidden in an IPv6 address';
    throw forbidden(host, `an address that is not public (${special.what}, ${special.cidr}${hidden})`, [
      special.cidr,
    ]);
  }
}

/**
 * The message names the block, not the address: whoever asks for internal names must not learn where they lead.
 */
function forbidden(host: Host, where: string, blocks: readonly string[]): EgressError {
  const names = host.address === undefined ? [host.name] : [];
  const entries = [...blocks, ...names].map((entry) => JSON.stringify(entry)).join(' or ');
  return new EgressError(
    'forbidden_address',
    `${quoted(host.name)} leads to ${where}, so it was not connected to. ` +
      `If it is meant to be reached from here, add ${entries} to "allow".`,
  );
}

/**
 * Reads one entry of `allow`: a block of addresses, or a name.
 * @throws {EgressError} `invalid_allow`
 */
export function parseAllow(entry: string): Block | string {
  const slash = entry.indexOf('/');
  try {
    if (slash === -1) {
      const host = parseHost(entry);
      const address = host.address === undefined ? undefined : parseAddress(host.address);
      return address ? [address, address.kind() === 'ipv4' ? 32 : 128] : host.name;
    }
    const block = isIP(entry.slice(0, slash)) === 0 ? undefined : ipaddr.parseCIDR(entry);
    // IPv4-mapped addresses are checked as the IPv4 addresses they are: as IPv6, the block would never match.
    if (block && block[0].range() !== 'ipv4Mapped') return block;
  } catch {
    // Said below, for all of them alike.
  }
  throw new EgressError(
    'invalid_allow',
    `${quoted(entry)} in "allow" is not understood: write a CIDR ("10.0.0.0/8"), an IP address or a host name.`,
  );
}
