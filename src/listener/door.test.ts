import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Door } from './door.ts';
import { listen } from './testing.ts';

const OPEN = {
  allowedHosts: ['mcp.internal', '10.0.0.5:8080', '[2001:db8::1]'],
  allowedOrigins: ['https://app.example.com', 'https://odd.example.com:8443'],
  publicUrl: 'https://mcp.example.com/gateway',
};

describe('Host', () => {
  it.each([
    'localhost',
    'localhost:8080',
    'LocalHost:1',
    '127.0.0.1',
    '127.0.0.1:65535',
    '127.45.6.7',
    '[::1]',
    '[::1]:8080',
    'mcp.internal',
    'MCP.Internal:9999',
    '10.0.0.5:8080',
    '[2001:db8::1]',
    '[2001:DB8::1]:443',
    'mcp.example.com',
    'mcp.example.com:443',
  ])('%s is let in', async (host) => {
    await using door = await listen(OPEN);
    expect((await door.ask('GET', '/mcp', `Host: ${host}`)).status).toBe(200);
  });

  it.each([
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    'evil.example.localhost',
    '127.0.0.1.evil.example',
    '127.0.0.1.nip.io',
    '7f000001.rbndr.example',
    'localhost.',
    'localhost:',
    'localhost:80:80',
    'localhost:8080@evil.example',
    'evil.example@localhost',
    'localhost/evil.example',
    'localhost#',
    'localhost\\',
    'localhost evil.example',
    'localhost, evil.example',
    'evil.example, localhost',
    'xlocalhost',
    '1127.0.0.1',
    '127.0.0.1.1',
    '127.0.0',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0.0.0.0',
    '10.0.0.5',
    '10.0.0.5:80',
    '10.0.0.5:80800',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::1',
    '::1',
    '[::1]x',
    'mcp.internal.evil.example',
    'evil-mcp.internal',
    'mcp.example.com.',
    '__proto__',
    '',
    '\x80',
  ])('%j is not: 403', async (host) => {
    await using door = await listen(OPEN);
    const answer = await door.ask('GET', '/mcp', `Host: ${host}`);
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { data: { reason: 'host_not_allowed' } } });
    expect(door.let).toEqual([]);
  });

  it('is needed, by requests of HTTP/1.0, too', async () => {
    await using door = await listen();
    expect(await door.raw('GET /mcp HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await door.raw('GET /mcp HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(door.let).toEqual([]);
  });

  it('is checked for every path, health and nothing included', async () => {
    await using door = await listen();
    for (const path of ['/', '/mcp', '/health', '/health/live', '/health/ready', '/nothing', '*'])
      expect((await door.ask('GET', path, 'Host: evil.example')).status).toBe(403);
  });

  it('is not taken from the path of the request', async () => {
    await using door = await listen();
    expect((await door.ask('GET', 'http://localhost/mcp', 'Host: evil.example')).status).toBe(403);
    expect((await door.ask('GET', 'http://evil.example/mcp', 'Host: localhost')).status).toBe(404);
  });

  it('not from X-Forwarded-Host or Forwarded either', async () => {
    await using door = await listen();
    const lines = ['X-Forwarded-Host: localhost', 'Forwarded: host=localhost'];
    expect((await door.ask('GET', '/mcp', 'Host: evil.example', ...lines)).status).toBe(403);
  });
});

describe('an address that was dialled as such', () => {
  const door = new Door({ allowedHosts: [], allowedOrigins: [] });
  const refused = (host: string, localAddress: string | undefined): boolean => {
    const req = { rawHeaders: ['Host', host], headers: { host }, socket: { localAddress } };
    return door.refusal(req as unknown as IncomingMessage) !== undefined;
  };

  it.each([
    ['192.168.1.5', '192.168.1.5'],
    ['192.168.1.5:8080', '192.168.1.5'],
    ['192.168.1.5:8080', '::ffff:192.168.1.5'],
    ['[2001:db8::5]', '2001:db8::5'],
    ['[2001:DB8::5]:8080', '2001:db8::5'],
  ])('%s, on the socket of %s, needed no name: let in', (host, localAddress) => {
    expect(refused(host, localAddress)).toBe(false);
  });

  it.each([
    ['192.168.1.6', '192.168.1.5'],
    ['192.168.1.5.evil.example', '192.168.1.5'],
    ['192.168.1.5', undefined],
    ['undefined', undefined],
    ['evil.example', '192.168.1.5'],
  ])('%s on the socket of %s did not come by it', (host, localAddress) => {
    expect(refused(host, localAddress)).toBe(true);
  });
});

describe('Origin', () => {
  it.each([
    'http://localhost',
    'http://localhost:3000',
    'HTTP://LOCALHOST:3000',
    'http://127.0.0.1:5173',
    'https://[::1]:8443',
    'https://app.example.com',
    'https://APP.example.com',
    'https://odd.example.com:8443',
    'https://mcp.example.com',
  ])('%s is let in', async (origin) => {
    await using door = await listen(OPEN);
    expect((await door.ask('POST', '/mcp', 'Host: localhost', `Origin: ${origin}`)).status).toBe(200);
  });

  it.each([
    'null',
    '',
    'https://evil.example',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://odd.example.com',
    'https://app.example.com.evil.example',
    'https://evil-app.example.com',
    'https://app.example.com@evil.example',
    'http://localhost.evil.example',
    'http://localhost@evil.example',
    'http://127.0.0.1.evil.example',
    'http://evil.example#localhost',
    'http://evil.example?localhost',
    'http://10.0.0.5:8080',
    'https://mcp.internal',
    'file://',
    'file://localhost',
    'localhost',
    '//localhost',
    'data:,localhost',
    'http://localhost http://evil.example',
    'http://evil.example, http://localhost',
    '*',
    'undefined',
    '__proto__',
  ])('%j is not: 403', async (origin) => {
    await using door = await listen(OPEN);
    const answer = await door.ask('POST', '/mcp', 'Host: localhost', `Origin: ${origin}`);
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { data: { reason: 'origin_not_allowed' } } });
    expect(door.let).toEqual([]);
  });

  it('is missing where no browser asks: let in', async () => {
    await using door = await listen();
    expect((await door.ask('POST', '/mcp', 'Host: localhost')).status).toBe(200);
  });

  it('is checked for every path and method', async () => {
    await using door = await listen();
    for (const path of ['/mcp', '/health', '/nothing'])
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS', 'HEAD'])
        expect((await door.ask(method, path, 'Host: localhost', 'Origin: https://evil.example')).status).toBe(
          403,
        );
  });
});

describe('a header that may stand once', () => {
  it.each([
    ['Host', 'localhost'],
    ['Authorization', 'Bearer x'],
    ['Origin', 'http://localhost'],
    ['Content-Type', 'application/json'],
    ['Mcp-Session-Id', 'x'],
    ['MCP-Protocol-Version', '2026-07-28'],
    ['Mcp-Method', 'ping'],
    ['Mcp-Name', 'x'],
  ])('%s twice is refused, equal or not, in whatever case: 400', async (name, value) => {
    await using door = await listen();
    const host = name === 'Host' ? [] : ['Host: localhost'];
    for (const [first, second] of [
      [value, value],
      [value, 'other'],
      ['other', value],
    ]) {
      const lines = [`${name}: ${first}`, 'X-Between: x', `${name.toUpperCase()}: ${second}`];
      const answer = await door.ask('POST', '/mcp', ...host, ...lines);
      expect(answer.status).toBe(400);
      expect(answer.body).toContain(name.toLowerCase());
    }
    expect(door.let).toEqual([]);
  });

  it('once is fine, and others may come as often as they like', async () => {
    await using door = await listen();
    const lines = ['Accept: a/b', 'Accept: c/d', 'X-Mine: 1', 'X-Mine: 2', 'Authorization: Bearer x'];
    expect((await door.ask('POST', '/mcp', 'Host: localhost', ...lines)).status).toBe(200);
  });
});
