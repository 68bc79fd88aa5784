import { describe, expect, it } from 'vitest';
import { isHost, MAX_DURATION, parseCount, parseDuration, parseListen, parseSize } from './units.ts';

describe('parseSize', () => {
  it.each([
    ['4MiB', 4 * 1024 * 1024],
    ['64 MiB', 64 * 1024 * 1024],
    ['500kB', 500_000],
    ['1.5KiB', 1536],
    ['1gib', 1024 ** 3],
    ['12b', 12],
    ['65536', 65_536],
    [65_536, 65_536],
    [' 1KiB ', 1024],
  ])('reads %j', (text, bytes) => {
    expect(parseSize(text)).toEqual({ value: bytes });
  });

  it.each(['', 'MiB', '4M', '4 Mi B', '-1', '1e3', '0x10', '4MiBs', '1_000', '٤MiB', '1.MiB'])(
    'refuses %j as no size',
    (text) => {
      expect(parseSize(text)).toMatchObject({ problem: 'This is not a size.' });
    },
  );

  it.each([0, '0', '2GiB', 2 ** 40, -5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %j', (text) => {
    expect(parseSize(text)).not.toHaveProperty('value');
  });
});

describe('parseDuration', () => {
  it.each([
    ['30s', 30_000],
    ['250ms', 250],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
    [250, 250],
    ['250', 250],
    [MAX_DURATION, MAX_DURATION],
  ])('reads %j', (text, milliseconds) => {
    expect(parseDuration(text)).toEqual({ value: milliseconds });
  });

  it.each(['', 's', '1y', '1min', '1h30m', '-1s', '5 minutes'])('refuses %j as no length of time', (text) => {
    expect(parseDuration(text)).toMatchObject({ problem: 'This is not a length of time.' });
  });

  it.each([0, '0s', '25d', MAX_DURATION + 1, Number.NaN])('refuses %j: a timer could not keep it', (text) => {
    expect(parseDuration(text)).not.toHaveProperty('value');
  });
});

describe('parseCount', () => {
  it('reads whole numbers, also as text', () => {
    expect([parseCount(1), parseCount('250'), parseCount(1_000_000)]).toEqual([
      { value: 1 },
      { value: 250 },
      { value: 1_000_000 },
    ]);
  });

  it.each([0, -1, 1.5, '1.5', 'many', '', 1_000_001, Number.NaN])('refuses %j', (text) => {
    expect(parseCount(text)).not.toHaveProperty('value');
  });
});

describe('parseListen', () => {
  it.each([
    ['127.0.0.1:8080', '127.0.0.1', 8080],
    ['0.0.0.0:80', '0.0.0.0', 80],
    ['[::1]:8080', '::1', 8080],
    ['[::]:0', '::', 0],
    ['localhost:65535', 'localhost', 65_535],
    ['mcp.internal:443', 'mcp.internal', 443],
    ['8080', '127.0.0.1', 8080],
  ])('reads %j', (text, host, port) => {
    expect(parseListen(text)).toEqual({ value: { host, port } });
  });

  it.each([
    ['127.0.0.1', 'This is not an address to listen on.'],
    ['::1:8080', 'This is not an address to listen on.'],
    ['', 'This is not an address to listen on.'],
    ['http://localhost:80', 'This is not an address to listen on.'],
    [':8080', 'The host before the colon is missing.'],
    ['[127.0.0.1]:80', 'Only an IPv6 address stands in brackets.'],
    ['[]:80', 'The host before the colon is missing.'],
    ['127.0.0:80', 'The host is neither a name nor an IP address.'],
    ['bad host:80', 'The host is neither a name nor an IP address.'],
    ['-x:80', 'The host is neither a name nor an IP address.'],
    ['localhost:65536', 'A port is a whole number from 0 to 65535.'],
  ])('refuses %j', (text, problem) => {
    expect(parseListen(text)).toMatchObject({ problem });
  });
});

describe('isHost', () => {
  it('knows names and addresses from slips', () => {
    expect(['a', 'a-b.c', '10.0.0.1', '::1', 'xn--bcher-kva.example'].every(isHost)).toBe(true);
    expect(['', '.', 'a..b', 'a b', '256.0.0.1', '1.2.3', 'a/b', 'x'.repeat(64)].some(isHost)).toBe(false);
  });
});
