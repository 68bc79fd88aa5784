import { describe, expect, it } from 'vitest';
import { ASKED, CONFIG } from '../testing.ts';
import { DeployError } from '../target.ts';
import { buildNginx } from './nginx.ts';

const built = (asked = {}, config = {}): string =>
  buildNginx({ ...CONFIG, ...config }, { ...ASKED, ...asked })
    .files.map(({ text }) => text)
    .join('\n');

describe('the nginx target', () => {
  it.each([
    [[1, 18, 0], 'listen 443 ssl http2;', 'http2 on;'],
    [[1, 25, 0], 'listen 443 ssl http2;', 'http2 on;'],
    [undefined, 'listen 443 ssl http2;', 'http2 on;'],
    [[1, 25, 1], 'http2 on;', 'ssl http2;'],
    [[1, 29, 3], 'http2 on;', 'ssl http2;'],
  ])('%j: http2 as this version wants it', (nginxVersion, has, hasNot) => {
    expect(built({ nginxVersion })).toContain(has);
    expect(built({ nginxVersion })).not.toContain(hasNot);
  });

  it('is not written for a version that is too old', () => {
    expect(() => built({ nginxVersion: [1, 14, 2] })).toThrow(DeployError);
  });

  it('has each path once, with the prefix of the address, and the well-known ones at both places', () => {
    const text = built({}, { publicUrl: 'https://example.com/tools' });
    const places = [...text.matchAll(/location (?:=|\^~) (\S+) \{/g)].map(([, path]) => path);
    expect(new Set(places).size).toBe(places.length);
    expect(places).toEqual(
      expect.arrayContaining([
        '/tools/mcp',
        '/tools/mcp/',
        '/tools/servers/',
        '/tools/sse',
        '/tools/messages',
        '/tools/.well-known/',
        '/.well-known/',
        '/tools/oauth2/',
        '/tools/hello',
        '/tools/health',
        '/tools/metrics',
      ]),
    );
  });

  it('never upgrades connections, and holds no stream back', () => {
    const text = built();
    expect(text).not.toMatch(/upgrade/i);
    expect(text).toContain('proxy_set_header Connection "";');
    const streams = [...text.matchAll(/location \S+ \/(?:mcp|mcp\/|servers\/|sse|messages) \{([^}]*)\}/g)];
    expect(streams).toHaveLength(5);
    for (const [, body] of streams) {
      expect(body).toContain('proxy_buffering off;');
      expect(body).toContain('proxy_read_timeout 24h;');
    }
  });

  it('lets nobody write directives through a name', () => {
    expect(built({ acmeRoot: '/srv/a b"; return 200 x; #' })).toContain(
      String.raw`root "/srv/a b\"; return 200 x; #";`,
    );
    expect(() => built({ certificate: '/etc/$host.pem' })).toThrow(/nginx cannot be told/);
    expect(() => built({ certificate: '/etc/a\n.pem' })).toThrow(/nginx cannot be told/);
  });

  it('lets in whom the config lets in, unless it is told otherwise', () => {
    const config = { auth: { ipAllow: ['10.0.0.0/8'] } };
    expect(built({}, config)).toMatch(/\n {4}allow 10\.0\.0\.0\/8;\n {4}deny all;/);
    const told = built({ allow: ['192.0.2.0/24'] }, config);
    expect(told).toMatch(/\n {4}allow 192\.0\.2\.0\/24;\n {4}deny all;/);
    expect(told).not.toMatch(/\n {4}allow 10\.0\.0\.0\/8;/);
  });

  it('keeps connections for a shorter time than the gateway does', () => {
    expect(built({}, { timeouts: { ...CONFIG.timeouts, idleMs: 30_000 } })).toContain(
      'keepalive_timeout 25s;',
    );
  });

  it('wants a public address with https', () => {
    expect(() => built({}, { publicUrl: undefined })).toThrow(/no publicUrl/);
    expect(() => built({}, { publicUrl: 'http://localhost:8080' })).toThrow(/https/);
  });

  it('asks the gateway who calls only where there is somebody to ask', () => {
    expect(() => built({ authRequest: true })).toThrow(/authorization server/);
    expect(built({ authRequest: true }, { auth: { server: {} } })).toContain(
      '"user_email":"$sallyport_email"',
    );
  });
});
