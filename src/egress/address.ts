import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An IPv4 or IPv6 address, parsed. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A block of addresses, as `ipaddr.js` matches it. */
export type Block = [Address, number];

/** A block that is not the public Internet: its CIDR and, for messages, what it is. */
export interface SpecialBlock {
  readonly cidr: string;
  readonly what: string;
}

/**
 * The special-purpose blocks of IANA's two registries (RFC 6890 and its updates). Some of them are reachable from the
 * Internet; none of them is where a public website lives. Narrow blocks stand before those that contain them.
 */
const SPECIAL_BLOCKS: readonly (SpecialBlock & { readonly block: Block })[] = [
  ['0.0.0.0/8', 'this very host'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared by a provider (CGNAT)'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local, where cloud metadata lives'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved by the IETF'],
  ['192.0.2.0/24', 'for documentation'],
  ['192.31.196.0/24', 'AS112'],
  ['192.52.193.0/24', 'AMT'],
  ['192.88.99.0/24', 'the 6to4 relay'],
  ['192.168.0.0/16', 'private'],
  ['192.175.48.0/24', 'AS112'],
  ['198.18.0.0/15', 'for benchmarks'],
  ['198.51.100.0/24', 'for documentation'],
  ['203.0.113.0/24', 'for documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved or broadcast'],
  // In no registry: to a virtual machine in Azure this public address is the host it runs on.
  ['168.63.129.16/32', 'the host of an Azure machine'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['::/96', 'IPv4-compatible'],
  ['::ffff:0:0:0/96', 'IPv4-translated'],
  ['64:ff9b::/96', 'NAT64'],
  ['64:ff9b:1::/48', 'local NAT64'],
  ['100::/64', 'discard-only'],
  ['2001::/32', 'Teredo'],
  ['2001::/23', 'reserved by the IETF'],
  ['2001:db8::/32', 'for documentation'],
  ['2002::/16', '6to4'],
  ['2620:4f:8000::/48', 'AS112'],
  ['3fff::/20', 'for documentation'],
  ['5f00::/16', 'segment routing'],
  ['fc00::/7', 'private (unique local)'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
  ['ff00::/8', 'multicast'],
].map(([cidr = '', what = '']) => ({ cidr, what, block: ipaddr.parseCIDR(cidr) }));

/** RFC 4291, 2.4: all global unicast addresses that IANA has given out start with the bits 001. */
const GLOBAL_UNICAST: Block = ipaddr.parseCIDR('2000::/3');

/**
 * Parses an address as a resolver or a socket writes it; a zone id is dropped. An IPv4-mapped address (`::ffff:7f00:1`)
 * is the IPv4 address in it, since a connection to either arrives at the same place.
 * Undefined when the text is no address in its plain form: `0x7f.1` and the like are read by `parseHost`.
 */
export function parseAddress(text: string): Address | undefined {
  const bare = text.replace(/%.*$/s, '');
  const family = isIP(bare);
  if (family === 0) return undefined;
  if (family === 4) return ipaddr.IPv4.parse(bare);
  // ipaddr.js takes `::8.8.8.8` for `::ffff:8.8.8.8`, which is somewhere else; in plain hex it errs no more.
  const hex = URL.parse(`http://[${bare}]/`)?.hostname.slice(1, -1);
  return hex === undefined ? undefined : ipaddr.process(hex);
}

/** The special block an address lies in; undefined for a public unicast address. */
export function specialBlockOf(address: Address): SpecialBlock | undefined {
  const special = SPECIAL_BLOCKS.find(({ block }) => contains(block, address));
  if (special) return special;
  const unallocated = address.kind() === 'ipv6' && !contains(GLOBAL_UNICAST, address);
  if (unallocated || address.range() !== 'unicast') {
    return { cidr: address.toString(), what: 'not public unicast' };
  }
  return undefined;
}

/** Does the block contain the address? Never true across families. */
export function contains(block: Block, address: Address): boolean {
  return block[0].kind() === address.kind() && address.match(block);
}

/**
 * The IPv4 addresses that a translator or tunnel reads out of an IPv6 address, and where the packets would then go.
 * Whoever opens such an IPv6 block has not opened the IPv4 addresses behind it.
 */
export function embeddedAddresses(address: Address): readonly ipaddr.IPv4[] {
  if (address.kind() === 'ipv4') return [];
  const bytes = address.toByteArray();
  const at = (start: number, mask = 0): ipaddr.IPv4 =>
    new ipaddr.IPv4(bytes.slice(start, start + 4).map((byte) => byte ^ mask));
  const within = (cidr: string): boolean => contains(ipaddr.parseCIDR(cidr), address);

  if (within('2002::/16')) return [at(2)];
  // RFC 4380, 4: the Teredo server in the clear, the client with its bits inverted.
  if (within('2001::/32')) return [at(4), at(12, 0xff)];
  // RFC 4291, 2.5.5.1: these two look IPv4-compatible and are not.
  if (within('::/128') || within('::1/128')) return [];
  // RFC 6052 (/96), RFC 8215, RFC 7915 and RFC 4291: in the last four bytes.
  if (['64:ff9b::/96', '64:ff9b:1::/48', '::ffff:0:0:0/96', '::/96'].some(within)) return [at(12)];
  // RFC 5214, 6.1: an ISATAP interface id is 0000:5efe or 0200:5efe and the address.
  const [high, low, third, fourth] = bytes.slice(8, 12);
  if ((high === 0 || high === 2) && low === 0 && third === 0x5e && fourth === 0xfe) return [at(12)];
  return [];
}
