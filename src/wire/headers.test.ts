import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepts, decodeHeaderValue, duplicateOf, mediaType, SINGLE_HEADERS } from './headers.ts';

/** The raw headers that Node reads out of real bytes. */
async function rawHeaders(lines: readonly string[]): Promise<string[]> {
  const server = createServer();
  const seen = new Promise<IncomingMessage>((resolve) => {
    server.on('request', (req, res) => {
      resolve(req);
      res.end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`POST /mcp HTTP/1.1\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
  const req = await seen;
  socket.destroy();
  server.close();
  return req.rawHeaders;
}

const encode = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`;

describe('duplicateOf', () => {
  it.each([...SINGLE_HEADERS])('finds a second %s, in whatever letters', (name) => {
    const raw = ['accept', '*/*', name, 'a', 'x-other', 'b', name.toUpperCase(), 'c'];
    expect(duplicateOf(raw)).toBe(name);
    expect(duplicateOf(raw.slice(0, 6))).toBeUndefined();
  });

  it('sees what Node hides: of two Authorization headers, req.headers has the first only', async () => {
    const raw = await rawHeaders(['Host: a', 'Authorization: Bearer one', 'AUTHORIZATION: Bearer two']);
    expect(duplicateOf(raw)).toBe('authorization');
  });

  it('takes a second one of the same value for a second one', () => {
    expect(duplicateOf(['Host', 'a', 'host', 'a'])).toBe('host');
  });

  it('leaves alone what may be repeated, and values that look like names', () => {
    const raw = ['accept', 'a', 'accept', 'b', 'x-a', 'host', 'x-b', 'host', 'Host', 'authorization'];
    expect(duplicateOf(raw)).toBeUndefined();
  });
});

describe('decodeHeaderValue', () => {
  it('gives back any text that was encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeHeaderValue(encode(text))).toBe(Buffer.from(text).toString('utf8'));
      }),
    );
  });

  it('keeps a byte order mark: without it the name would be another one', () => {
    expect(decodeHeaderValue(encode('\ufefftool'))).toBe('\ufefftool');
  });

  it.each([
    'get_weather',
    '',
    'file:///a?b=?base64?c?=',
    ' =?base64?YQ==?=',
    // Only what has both ends is encoded.
    '=?base64?YQ==',
    '=?base64?YQ==?=x',
    'YQ==?=',
    '=?base64?=',
  ])('leaves %o as it is', (value) => {
    expect(decodeHeaderValue(value)).toBe(value);
  });

  it.each([
    ['with a length that is no base64', '=?base64?YQ?='],
    ['with characters that are no base64', '=?base64?Y Q=?='],
    ['with the URL alphabet', '=?base64?_-8=?='],
    ['with padding in its middle', '=?base64?YQ==YQ==?='],
    ['of bytes that are no UTF-8', `=?base64?${Buffer.from([0xc3, 0x28]).toString('base64')}?=`],
    ['of a surrogate in UTF-8', `=?base64?${Buffer.from([0xed, 0xa0, 0x80]).toString('base64')}?=`],
  ])('refuses one %s', (_what, value) => {
    expect(decodeHeaderValue(value)).toBeUndefined();
  });
});

describe('accepts', () => {
  it.each([
    [undefined, true],
    ['application/json, text/event-stream', true],
    ['text/event-stream, Application/JSON; charset=utf-8', true],
    ['*/*', true],
    ['application/*;q=0.5', true],
    ['application/json;q=0.001', true],
    ['', false],
    ['text/event-stream', false],
    ['text/*', false],
    ['application/json;q=0', false],
    ['application/json; q=0.000', false],
    ['application/jsonx', false],
    ['application', false],
  ])('%o takes JSON: %s', (accept, expected) => {
    expect(accepts(accept, 'application/json')).toBe(expected);
  });
});

describe('mediaType', () => {
  it.each([
    ['application/json', 'application/json'],
    ['Application/JSON ; charset=utf-8', 'application/json'],
    ['text/plain;application/json', 'text/plain'],
    [undefined, ''],
    ['', ''],
  ])('of %o is %o', (header, expected) => {
    expect(mediaType(header)).toBe(expected);
  });
});
