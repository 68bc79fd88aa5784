import * as fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { embeddedAddresses, parseAddress, specialBlockOf } from './address.ts';

function what(text: string): string | undefined {
  const address = parseAddress(text);
  if (!address) throw new Error(`${text} is no address`);
  return specialBlockOf(address)?.what;
}

describe('parseAddress', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::ffff:7f00:1', '127.0.0.1'],
    ['0:0:0:0:0:FFFF:7F00:0001', '127.0.0.1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::8.8.8.8', '::808:808'],
    ['64:ff9b::8.8.8.8', '64:ff9b::808:808'],
    ['2606:4700:4700::1111', '2606:4700:4700::1111'],
  ])('reads %s as %s', (text, plain) => {
    expect(parseAddress(text)?.toString()).toBe(plain);
  });

  it.each([
    '',
    'localhost',
    '0x7f.1',
    '127.1',
    '2130706433',
    '0177.0.0.1',
    '127.0.0.1 ',
    '[::1]',
    '1.2.3.4/8',
  ])('does not read %j', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe('specialBlockOf', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '169.253.255.255',
    '192.167.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '168.63.129.17',
    '::ffff:8.8.8.8',
    '2606:4700:4700::1111',
    '2a00:1450:4001:80b::200e',
    '2001:200::1',
  ])('knows %s as public', (text) => {
    expect(what(text)).toBeUndefined();
  });

  it.each([
    ['0.0.0.0', 'this very host'],
    ['0.1.2.3', 'this very host'],
    ['10.255.255.255', 'private'],
    ['100.64.0.1', 'shared by a provider (CGNAT)'],
    ['100.100.100.200', 'shared by a provider (CGNAT)'],
    ['127.255.255.254', 'loopback'],
    ['169.254.169.254', 'link-local, where cloud metadata lives'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.0.0.192', 'reserved by the IETF'],
    ['192.0.2.1', 'for documentation'],
    ['192.168.0.1', 'private'],
    ['198.19.255.255', 'for benchmarks'],
    ['224.0.0.1', 'multicast'],
    ['240.0.0.1', 'reserved or broadcast'],
    ['255.255.255.255', 'reserved or broadcast'],
    ['168.63.129.16', 'the host of an Azure machine'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::7f00:1', 'IPv4-compatible'],
    ['::a9fe:a9fe', 'IPv4-compatible'],
    ['::8.8.8.8', 'IPv4-compatible'],
    ['::ffff:169.254.169.254', 'link-local, where cloud metadata lives'],
    ['::ffff:0:127.0.0.1', 'IPv4-translated'],
    ['64:ff9b::7f00:1', 'NAT64'],
    ['64:ff9b::8.8.8.8', 'NAT64'],
    ['64:ff9b:1::a00:1', 'local NAT64'],
    ['2002:7f00:1::', '6to4'],
    ['2002:0808:0808::1', '6to4'],
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'Teredo'],
    ['2001:db8::1', 'for documentation'],
    ['3fff::1', 'for documentation'],
    ['100::1', 'discard-only'],
    ['fd00:ec2::254', 'private (unique local)'],
    ['fc00::1', 'private (unique local)'],
    ['fe80::1%eth0', 'link-local'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['4000::1', 'not public unicast'],
    ['200::1', 'not public unicast'],
  ])('knows %s as not public: %s', (text, expected) => {
    expect(what(text)).toBe(expected);
  });

  it('lets nothing through that ipaddr.js does not call unicast', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(bytes, (raw) => {
        const address = ipaddr.fromByteArray([...raw]);
        const refused = specialBlockOf(address) !== undefined;
        expect(refused || address.range() === 'unicast').toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('embeddedAddresses', () => {
  it.each([
    ['64:ff9b::a00:1', ['10.0.0.1']],
    ['64:ff9b:1::c0a8:1', ['192.168.0.1']],
    ['::ffff:0:127.0.0.1', ['127.0.0.1']],
    ['::7f00:1', ['127.0.0.1']],
    ['2002:a9fe:a9fe::1', ['169.254.169.254']],
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', ['65.54.227.120', '192.0.2.45']],
    ['2606:4700::5efe:10.0.0.1', ['10.0.0.1']],
    ['2606:4700::200:5efe:10.0.0.1', ['10.0.0.1']],
    ['2606:4700:4700::1111', []],
    ['::1', []],
    ['::', []],
    ['8.8.8.8', []],
  ])('finds in %s: %j', (text, expected) => {
    const address = parseAddress(text);
    expect(address && embeddedAddresses(address).map(String)).toEqual(expected);
  });
});
