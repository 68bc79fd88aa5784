import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AddressBlocks } from '../config/address-block.ts';
import { Crowd } from './crowd.ts';

/** As far as a crowd looks at it. */
function from(remoteAddress: string | undefined): Socket {
  return Object.assign(new EventEmitter(), { remoteAddress }) as unknown as Socket;
}

describe('a crowd', () => {
  it('has room for so many of one address, and for others beside them', () => {
    const crowd = new Crowd(2, undefined);
    const [first, second] = [from('192.0.2.1'), from('::ffff:192.0.2.1')];
    expect([first, second, from('192.0.2.1'), from('192.0.2.2')].map((each) => crowd.enter(each))).toEqual([
      true,
      true,
      false,
      true,
    ]);
    first.emit('close');
    expect(crowd.enter(from('192.0.2.1'))).toBe(true);
    expect(crowd.enter(from('192.0.2.1'))).toBe(false);
  });

  it('knows a house by its network', () => {
    const crowd = new Crowd(1, undefined);
    expect(crowd.enter(from('2001:db8:1:2::1'))).toBe(true);
    expect(crowd.enter(from('2001:db8:1:2:ffff::9'))).toBe(false);
    expect(crowd.enter(from('2001:db8:1:3::1'))).toBe(true);
  });

  it('does not count this machine, nor proxies that are trusted', () => {
    const crowd = new Crowd(1, new AddressBlocks(['10.0.0.0/8']));
    for (const address of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1', '10.1.2.3'])
      for (let i = 0; i < 3; i += 1) expect(crowd.enter(from(address))).toBe(true);
  });

  it('has no room for who has gone already', () => {
    expect(new Crowd(1, undefined).enter(from(undefined))).toBe(false);
  });
});
