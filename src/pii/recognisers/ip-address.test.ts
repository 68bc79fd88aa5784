import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('IP_ADDRESS', () => {
  it.each([
    ['192.168.0.1', '192.168.0.1'],
    ['10.0.0.15', '10.0.0.15'],
    ['203.0.113.77', '203.0.113.77'],
    ['2001:db8::1', '2001:db8::1'],
    ['fe80::1ff:fe23:4567:890a', 'fe80::1ff:fe23:4567:890a'],
    ['::ffff:192.168.0.1', '::ffff:192.168.0.1'],
    ['2001:0db8:85a3:0000:0000:8a2e:0370:7334', '2001:0db8:85a3:0000:0000:8a2e:0370:7334'],
    ['접속 IP는 203.0.113.77입니다', '203.0.113.77'],
    ['http://203.0.113.77:8080/', '203.0.113.77'],
    ['client 1.2.3.4 refused', '1.2.3.4'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`IP_ADDRESS ${value}`]);
  });

  it.each([
    '127.0.0.1',
    '0.0.0.0',
    '255.255.255.0',
    '256.1.1.1',
    '1.2.3.4.5',
    'version 100.2.3.4',
    'Chrome/100.2.3.4',
    '1.2.3.4',
    '::1',
    'a[::2]',
    'std::abc',
    'Foo::Bar1',
    '10:23:45',
    'x.1.2.300',
    '12:34:56:78',
  ])('finds none in %j', (text) => {
    expect(finds(text).filter((find) => find.startsWith('IP_ADDRESS'))).toEqual([]);
  });
});
