import type { Socket } from 'node:net';
import { type AddressBlocks, plainAddress, subscriberOf } from '../config/address-block.ts';

/**
 * How many connections each address has open. Whoever may open all that there are shuts everybody else out, before
 * anything is known of anybody; so nobody may. Counted is what the kernel says, not what a header says: whoever comes
 * through a proxy that is trusted is told apart there, and who comes from this machine is not a stranger.
 */
export class Crowd {
  readonly #most: number;
  readonly #proxies: AddressBlocks | undefined;
  /** By address; of IPv6, by the network that a house has. */
  readonly #open = new Map<string, number>();

  constructor(most: number, proxies: AddressBlocks | undefined) {
    this.#most = most;
    this.#proxies = proxies;
  }

  /** A connection has come. @returns false when it is one too many */
  enter(socket: Socket): boolean {
    const { remoteAddress } = socket;
    // Gone already.
    if (remoteAddress === undefined) return false;
    const address = plainAddress(remoteAddress);
    if (address === '::1' || address.startsWith('127.') || this.#proxies?.has(address)) return true;
    const subscriber = subscriberOf(address);
    const count = this.#open.get(subscriber) ?? 0;
    if (count >= this.#most) return false;
    this.#open.set(subscriber, count + 1);
    socket.once('close', () => this.#leave(subscriber));
    return true;
  }

  #leave(subscriber: string): void {
    const count = (this.#open.get(subscriber) ?? 1) - 1;
    if (count > 0) this.#open.set(subscriber, count);
    else this.#open.delete(subscriber);
  }
}
