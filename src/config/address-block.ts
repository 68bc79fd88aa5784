import { BlockList, isIP } from 'node:net';
import type { Reading } from './units.ts';

/** An IP address, or a block of them in CIDR notation: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`. */
export function parseBlock(text: string): Reading<string> {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  if (family !== 0 && Number(bits ?? most) <= most && !isMapped(address))
    return { value: text.toLowerCase() };
  return { problem: 'This is not an address.', hint: '10.0.0.0/8, 2001:db8::/32, or one address.' };
}

/** A list of addresses and blocks, as {@link parseBlock} reads them. */
export class AddressBlocks {
  readonly #blocks = new BlockList();

  constructor(blocks: readonly string[]) {
    for (const block of blocks) {
      const [address = '', bits] = block.split('/');
      const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
      if (bits === undefined) this.#blocks.addAddress(address, family);
      else this.#blocks.addSubnet(address, Number(bits), family);
    }
  }

  /** @param address as {@link plainAddress} writes it; what is no address is in no list */
  has(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#blocks.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }
}

/** An address without what a socket adds to it: `::ffff:` before IPv4, a zone behind a link-local one. */
export function plainAddress(address: string): string {
  const lower = address.toLowerCase();
  const end = lower.indexOf('%');
  const bare = end === -1 ? lower : lower.slice(0, end);
  return isMapped(bare) && isIP(bare.slice(7)) === 4 ? bare.slice(7) : bare;
}

function isMapped(address: string): boolean {
  return address.toLowerCase().startsWith('::ffff:');
}

/**
 * Whom to count an address as. A house gets a /64 of IPv6, and may use every address in it.
 * @param address as {@link plainAddress} writes it
 */
export function subscriberOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::', 2);
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array.from({ length: zeros }, () => '0'), ...last];
  return `${groups.slice(0, 4).map(withoutZeros).join(':')}::/64`;
}

function withoutZeros(group: string): string {
  return group.replace(/^0+(?=.)/, '');
}
