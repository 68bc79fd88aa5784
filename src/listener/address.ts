import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { type AddressBlocks, plainAddress } from '../config/address-block.ts';

/**
 * Where a request comes from. What `X-Forwarded-For` says is worth as much as whoever wrote it: beginning at our own
 * end, each entry was written by the one after it, and is believed as long as that one is a proxy that is trusted.
 * @param proxies undefined: nobody is trusted
 */
export function addressOf(req: IncomingMessage, proxies: AddressBlocks | undefined): string | undefined {
  const { remoteAddress } = req.socket;
  if (remoteAddress === undefined) return undefined;
  const peer = plainAddress(remoteAddress);
  const forwarded = req.headers['x-forwarded-for'];
  if (!proxies || forwarded === undefined || !proxies.has(peer)) return peer;
  // Node joins the lines of a repeated header in their order.
  const entries = (typeof forwarded === 'string' ? forwarded : forwarded.join(',')).split(',');
  let address = peer;
  for (const entry of entries.toReversed()) {
    const named = plainAddress(withoutPort(entry.trim()));
    if (isIP(named) === 0) return address;
    address = named;
    if (!proxies.has(address)) return address;
  }
  return address;
}

/** Some proxies write the port, too. */
function withoutPort(entry: string): string {
  return /^\[([^\]]*)\](?::\d+)?$/.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry;
}
