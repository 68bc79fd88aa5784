import * as fc from 'fast-check';
import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import { EgressError, quoted } from './error.ts';
import { parseHost } from './host.ts';

describe('parseHost', () => {
  it.each([
    ['example.com', 'example.com'],
    ['EXAMPLE.com', 'example.com'],
    ['example.com.', 'example.com'],
    ['example.com%2e', 'example.com'],
    ['my_service', 'my_service'],
    ['localhost', 'localhost'],
    ['한국.kr', 'xn--3e0b707e.kr'],
    ['ｅｘａｍｐｌｅ.com', 'example.com'],
    ['a'.repeat(63) + '.com', 'a'.repeat(63) + '.com'],
  ])('reads the name %j', (text, name) => {
    expect(parseHost(text)).toEqual({ name });
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1.', '127.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['0x7f000001', '127.0.0.1'],
    ['0x7f.0.0.0x1', '127.0.0.1'],
    ['0177.0.0.01', '127.0.0.1'],
    ['017700000001', '127.0.0.1'],
    ['0', '0.0.0.0'],
    ['１２７.0.0.1', '127.0.0.1'],
    ['①②⑦.⓪.⓪.①', '127.0.0.1'],
    ['127。0。0。1', '127.0.0.1'],
    ['%31%32%37.0.0.1', '127.0.0.1'],
    ['127%2e0%2e0%2e1', '127.0.0.1'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['[::FFFF:127.0.0.1]', '127.0.0.1'],
    ['::ffff:7f00:1', '127.0.0.1'],
    ['::7f00:1', '::7f00:1'],
    ['[64:ff9b::127.0.0.1]', '64:ff9b::7f00:1'],
  ])('sees the address in %j', (text, address) => {
    expect(parseHost(text)).toEqual({ name: address, address });
  });

  it.each([
    '',
    '.',
    '..',
    'a..b',
    'example.com..',
    '-f',
    '--help',
    'a.-b.com',
    'b-.com',
    ';id',
    '$(id)',
    '`id`',
    'a;b',
    'a&b',
    'a|b',
    "a'b",
    'a b',
    ' example.com',
    'example.com\n',
    'exam\tple.com',
    'a\u0000b',
    '*.example.com',
    'example.com:80',
    'example.com:',
    'user@example.com',
    'example.com/path',
    'example.com?q',
    'example.com#f',
    'a\\b',
    '%00',
    'a%0ab',
    'a%2fb',
    'a%40b',
    '256.1.1.1',
    '1.2.3.4.5',
    '4294967296',
    'fe80::1%eth0',
    '[fe80::1%25eth0]',
    '[::1',
    '::1]',
    '[127.0.0.1]',
    ':::',
    'a'.repeat(64) + '.com',
    `${'a.'.repeat(127)}com`,
    'x'.repeat(10_000),
    '%'.repeat(10_000),
  ])('refuses %j', (text) => {
    expect(() => parseHost(text)).toThrow(EgressError);
    expect(() => parseHost(text)).toThrow(expect.objectContaining({ code: 'invalid_host' }));
  });

  it('says what is wrong, without the whole of a long text', () => {
    expect(() => parseHost('a'.repeat(10_000))).toThrow(
      /^"a{77}\.\.\." is not a host: it is too long\. Give a name/,
    );
    expect(() => parseHost('example.com:80')).toThrow('a port does not belong to it');
    expect(() => parseHost('fe80::1%eth0')).toThrow('zone ids');
    expect(() => parseHost('a.-b')).toThrow('"-b" cannot stand between its dots');
  });

  it('whatever comes in, what comes out is an address or a name that is safe in an argument list', () => {
    const part = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('.', '-', '%2e', '0x7f', '１', '::', '[', ']'),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }).map((parts) => parts.join('')),
        (text) => {
          let host;
          try {
            host = parseHost(text);
          } catch (error) {
            expect(error).toBeInstanceOf(EgressError);
            return;
          }
          if (host.address !== undefined) expect(isIP(host.address)).not.toBe(0);
          else expect(host.name).toMatch(/^[a-z0-9_][a-z0-9_.-]{0,252}$/);
          expect(parseHost(host.name)).toEqual(host);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('quoted', () => {
  it('leaves nothing that could forge a line or turn the text around', () => {
    expect(quoted('a\n{"x":1}\u2028\u202Eb😀')).toBe('"a\\n{\\"x\\":1}\\u{2028}\\u{202e}b\\u{1f600}"');
  });
});
