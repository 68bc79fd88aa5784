import { describe, expect, it } from 'vitest';
import { parseDomain, publicUrlOf } from './tls.ts';
import { configFile } from './schema.ts';

const acme = { domains: ['mcp.example.com'], termsAgreed: true };

function listenOf(listen: unknown): unknown {
  return configFile.parse({ listen }).listen;
}

function problemOf(listen: unknown): string {
  const read = configFile.safeParse({ listen });
  return JSON.stringify(read.error?.issues ?? []);
}

describe('listen.tls', () => {
  it('listens on 443, and on 80 to say so', () => {
    expect(listenOf({ host: '0.0.0.0', tls: { acme } })).toEqual({
      host: '0.0.0.0',
      port: 443,
      tls: {
        acme: { ...acme, directory: 'https://acme-v02.api.letsencrypt.org/directory' },
        certificates: [],
        redirect: { host: '0.0.0.0', port: 80 },
        minVersion: 'TLSv1.2',
        hsts: true,
      },
    });
  });

  it('leaves port 80 alone at another port, and where it is told to', () => {
    const files = { cert: 'a.pem', key: 'b.pem' };
    expect(listenOf({ port: 8443, tls: files })).toMatchObject({
      tls: { certificates: [files], redirect: undefined },
    });
    expect(listenOf({ tls: { ...files, redirect: false } })).toMatchObject({ tls: { redirect: undefined } });
    expect(listenOf({ port: 8443, tls: { ...files, redirect: '0.0.0.0:8080' } })).toMatchObject({
      tls: { redirect: { host: '0.0.0.0', port: 8080 } },
    });
  });

  it('counts a domain once, however it is written', () => {
    const domains = ['mcp.example.com', 'MCP.example.com.', 'other.example.com'];
    expect(listenOf({ tls: { acme: { ...acme, domains } } })).toMatchObject({
      tls: { acme: { domains: ['mcp.example.com', 'other.example.com'] } },
    });
  });

  it('is plain without', () => {
    expect(listenOf({ host: '127.0.0.1' })).toEqual({ host: '127.0.0.1', port: 8080 });
  });

  it.each([
    [{}, 'from one place'],
    [{ acme, cert: 'a', key: 'b' }, 'from one place'],
    [{ cert: 'a' }, 'stand together'],
    [{ acme: { domains: ['mcp.example.com'] } }, 'termsAgreed'],
    [{ acme: { ...acme, termsAgreed: false } }, 'termsAgreed'],
    [{ acme: { ...acme, domains: ['*.example.com'] } }, 'wildcard'],
    [{ acme: { ...acme, domains: ['10.0.0.1'] } }, 'address'],
    [{ acme: { ...acme, directory: 'http://ca.example' } }, 'https://'],
    [{ acme, minVersion: 'TLSv1.1' }, 'minVersion'],
  ])('is refused as %j', (tls, expected) => {
    expect(problemOf({ tls })).toContain(expected);
  });
});

describe('a domain', () => {
  it('is what stands in DNS', () => {
    expect(parseDomain('Bücher.example.')).toEqual({ value: 'xn--bcher-kva.example' });
  });

  it.each(['', '../../etc', 'a b', 'a/b', 'a..b', '-a.example', 'x'.repeat(300)])('is not %j', (text) => {
    expect(parseDomain(text)).toHaveProperty('problem');
  });

  it('is the public address, where nothing else is said', () => {
    const tls = { acme, certificates: [], redirect: undefined, minVersion: 'TLSv1.2', hsts: true } as const;
    const listen = { host: '0.0.0.0', port: 8443 };
    expect(publicUrlOf(listen)).toBeUndefined();
    expect(
      publicUrlOf({ ...listen, tls: { ...tls, acme: { ...acme, termsAgreed: true, directory: '' } } }),
    ).toBe('https://mcp.example.com');
  });
});
