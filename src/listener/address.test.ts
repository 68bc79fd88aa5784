import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { AddressBlocks, subscriberOf } from '../config/address-block.ts';
import { addressOf } from './address.ts';

const PROXIES = new AddressBlocks(['127.0.0.1', '10.0.0.0/8', 'fd00::/8']);

function from(peer: string | undefined, forwarded?: string, proxies: AddressBlocks | undefined = PROXIES) {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const req = { socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage;
  return addressOf(req, proxies);
}

describe('threat 31: where a request comes from', () => {
  it.each([
    ['192.0.2.1', undefined, '192.0.2.1'],
    ['::ffff:192.0.2.1', undefined, '192.0.2.1'],
    ['127.0.0.1', undefined, '127.0.0.1'],
    ['127.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['::ffff:127.0.0.1', '192.0.2.1', '192.0.2.1'],
    ['127.0.0.1', '192.0.2.1, 10.0.0.1', '192.0.2.1'],
    ['127.0.0.1', '2001:DB8::1', '2001:db8::1'],
    ['127.0.0.1', '192.0.2.1:4711', '192.0.2.1'],
    ['127.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
    ['fd00::1', '192.0.2.1', '192.0.2.1'],
  ])('%s, forwarded for %s: %s', (peer, forwarded, address) => {
    expect(from(peer, forwarded)).toBe(address);
  });

  it('is not what somebody says who is not trusted', () => {
    expect(from('192.0.2.9', '127.0.0.1')).toBe('192.0.2.9');
    expect(new Set(['1.1.1.1', '2.2.2.2', '3.3.3.3'].map((liar) => from('192.0.2.9', liar))).size).toBe(1);
  });

  it('is not what a client says to a proxy that is trusted: the proxy wrote the last one', () => {
    expect(from('127.0.0.1', '1.1.1.1, 192.0.2.1')).toBe('192.0.2.1');
    expect(from('127.0.0.1', '127.0.0.1, 10.1.1.1, 192.0.2.1')).toBe('192.0.2.1');
    expect(from('127.0.0.1', '8.8.8.8, unknown')).toBe('127.0.0.1');
    expect(from('127.0.0.1', '8.8.8.8, nonsense, 10.0.0.3')).toBe('10.0.0.3');
  });

  it('is the farthest proxy where there is nobody but proxies', () => {
    expect(from('127.0.0.1', '10.0.0.2, 10.0.0.3')).toBe('10.0.0.2');
  });

  it('is the peer where nobody is trusted', () => {
    const req = { socket: { remoteAddress: '127.0.0.1' }, headers: { 'x-forwarded-for': '1.1.1.1' } };
    expect(addressOf(req as unknown as IncomingMessage, undefined)).toBe('127.0.0.1');
    expect(from(undefined)).toBeUndefined();
  });
});

describe('whom an address is counted as', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:ffff::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1', 'fe80:0:0:0::/64'],
  ])('%s: %s', (address, subscriber) => {
    expect(subscriberOf(address)).toBe(subscriber);
  });
});
