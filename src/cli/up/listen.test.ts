import { describe, expect, it } from 'vitest';
import { quickstartConfig } from '../../config/start.ts';
import { listenOption, localEndpoint, refuseOpenDoor, shownEndpoint } from './listen.ts';

describe('--listen', () => {
  it('is a host and a port', () => {
    expect(listenOption('127.0.0.1:8080')).toEqual({ host: '127.0.0.1', port: 8080 });
    expect(listenOption('[::1]:0')).toEqual({ host: '::1', port: 0 });
  });

  it.each(['nowhere', '127.0.0.1', '127.0.0.1:99999', ':8080', ''])('%j is a mistake of usage', (text) => {
    expect(() => listenOption(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});

describe('--no-auth', () => {
  it.each(['127.0.0.1', '::1', 'localhost'])('is taken on %s', (host) => {
    expect(() => refuseOpenDoor({ host, port: 1 })).not.toThrow();
  });

  it.each(['0.0.0.0', '::', '192.168.1.2', 'example.com', '127.0.0.1.example.com'])(
    'is refused on %s',
    (host) => {
      expect(() => refuseOpenDoor({ host, port: 1 })).toThrow(`--no-auth is refused on ${host}`);
    },
  );
});

describe('the endpoint', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:80/mcp'],
    ['::1', 'http://[::1]:80/mcp'],
    ['0.0.0.0', 'http://127.0.0.1:80/mcp'],
    ['::', 'http://127.0.0.1:80/mcp'],
  ])('of %s is, for this machine, %s', (host, expected) => {
    expect(localEndpoint({ endpoint: '', listening: { host, port: 80 }, certificates: () => [] })).toBe(
      expected,
    );
  });

  it('is the public one for people, where there is one', () => {
    const gateway = {
      endpoint: 'https://mcp.example.com/mcp',
      listening: { host: '0.0.0.0', port: 80 },
      certificates: () => [],
    };
    const config = quickstartConfig();
    expect(shownEndpoint(gateway, config)).toBe('http://127.0.0.1:80/mcp');
    expect(shownEndpoint(gateway, { ...config, publicUrl: 'https://mcp.example.com' })).toBe(
      gateway.endpoint,
    );
  });
});
