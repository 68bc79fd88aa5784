import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { baseOf, metadataAt } from './metadata.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
const OURS = { issuers: ['https://idp.example'], scopes: ['mcp.access'] };

describe('the metadata of an endpoint', () => {
  const at = (path: string) => metadataAt(path, 'https://mcp.example.com', '', OURS)?.['resource'];

  it('says what it is, who gives tokens for it, and what for', () => {
    expect(metadataAt(`${WELL_KNOWN}/mcp`, 'https://mcp.example.com', '', OURS)).toEqual({
      resource: 'https://mcp.example.com/mcp',
      authorization_servers: ['https://idp.example'],
      scopes_supported: ['mcp.access'],
      bearer_methods_supported: ['header'],
      resource_name: 'Sallyport',
    });
  });

  it.each([
    ['', '/mcp'],
    ['/', '/mcp'],
    ['/mcp', '/mcp'],
    ['/mcp/', '/mcp'],
    ['/sse', '/sse'],
    ['/servers/files/mcp', '/servers/files/mcp'],
    ['/servers/files/sse', '/servers/files/sse'],
  ])('is at %j: that of %s', (path, endpoint) => {
    expect(at(WELL_KNOWN + path)).toBe(`https://mcp.example.com${endpoint}`);
  });

  it.each([
    `${WELL_KNOWN}x`,
    `${WELL_KNOWN}/other`,
    `${WELL_KNOWN}/servers/../mcp`,
    `${WELL_KNOWN}//mcp`,
    '/mcp',
    '/',
  ])('is not at %s', (path) => {
    expect(at(path)).toBeUndefined();
  });

  it.each([
    `${WELL_KNOWN}/tools/mcp`,
    `/tools${WELL_KNOWN}/mcp`,
    `${WELL_KNOWN}/mcp`,
    `${WELL_KNOWN}/tools`,
    WELL_KNOWN,
  ])('of a gateway behind a path is at %s', (path) => {
    const found = metadataAt(path, 'https://example.com/tools', '/tools', OURS);
    expect(found?.['resource']).toBe('https://example.com/tools/mcp');
  });
});

describe('the gateway as a client knows it', () => {
  const asked = (host: string | undefined, encrypted = false): IncomingMessage =>
    ({ headers: { host }, socket: encrypted ? { encrypted } : {} }) as unknown as IncomingMessage;

  it.each([
    [asked('localhost:8080'), undefined, 'http://localhost:8080'],
    [asked('mcp.example.com', true), undefined, 'https://mcp.example.com'],
    [asked('127.0.0.1:8080'), 'https://mcp.example.com/x', 'https://mcp.example.com/x'],
  ])('%#', (req, publicUrl, base) => {
    expect(baseOf(req, publicUrl)).toBe(base);
  });
});
