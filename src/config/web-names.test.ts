import { describe, expect, it } from 'vitest';
import { parseAllowedHost, parseAllowedOrigin, parsePublicUrl, parseServerUrl } from './web-names.ts';

describe('parsePublicUrl', () => {
  it.each([
    ['https://mcp.example.com', 'https://mcp.example.com'],
    ['https://MCP.example.com/', 'https://mcp.example.com'],
    ['https://example.com:8443/gate/way/', 'https://example.com:8443/gate/way'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('reads %j', (text, url) => {
    expect(parsePublicUrl(text)).toEqual({ value: url });
  });

  it.each([
    ['mcp.example.com', 'This is not a URL.'],
    ['http://mcp.example.com', 'The public URL begins with https://.'],
    ['http://127.0.0.1.example.com', 'The public URL begins with https://.'],
    ['ftp://localhost', 'The public URL begins with https://.'],
    ['https://user:pass@example.com', 'The public URL is a host and perhaps a path'],
    ['https://example.com/?a=b', 'The public URL is a host and perhaps a path'],
    [`https://example.com/${'a'.repeat(300)}`, 'The path of the public URL is too long.'],
    ['https://example.com/#a', 'The public URL is a host and perhaps a path'],
  ])('refuses %j', (text, problem) => {
    expect(parsePublicUrl(text)).toMatchObject({ problem: expect.stringContaining(problem) });
  });
});

describe('parseServerUrl', () => {
  it('takes http and https as they are written', () => {
    expect(parseServerUrl('https://example.com/mcp?key=1')).toEqual({
      value: 'https://example.com/mcp?key=1',
    });
    expect(parseServerUrl('http://localhost:3000/sse')).toEqual({ value: 'http://localhost:3000/sse' });
  });

  it.each(['', 'example.com/mcp', 'ws://example.com', 'file:///etc/passwd', 'javascript:alert(1)'])(
    'refuses %j',
    (text) => {
      expect(parseServerUrl(text)).toEqual({ problem: 'This is not an http:// or https:// URL.' });
    },
  );
});

describe('parseServerUrl, of what URL would take', () => {
  it.each(['https://user:canary@example.com/mcp', 'https://user@example.com', 'https://:canary@example.com'])(
    'refuses the credentials of %s, which would go nowhere',
    (text) => {
      const refused = parseServerUrl(text);
      expect(refused).toMatchObject({ problem: 'A URL has no user and no password.' });
      expect(JSON.stringify(refused)).not.toContain('canary');
    },
  );

  it.each([
    'https://-a.example',
    'https://a..b',
    'https://a!b',
    'https://*.example.com',
    `https://${'a'.repeat(64)}`,
  ])('refuses the host of %s', (text) => {
    expect(parseServerUrl(text)).toMatchObject({
      problem: 'The host of this URL is neither a name nor an IP address.',
    });
  });

  it.each([
    'https://[::1]:8080',
    'http://10.0.0.5',
    'https://example.com./mcp',
    'https://b\u00fccher.example',
    'http://my_container:80',
  ])('takes the host of %s', (text) => {
    expect(parseServerUrl(text)).toEqual({ value: text });
  });
});

describe('parseAllowedHost', () => {
  it.each(['mcp.internal', '10.0.0.5:8080', '[::1]', '[fd00::1]:443', 'LOCALHOST'])('reads %j', (text) => {
    expect(parseAllowedHost(text)).toEqual({ value: text.toLowerCase() });
  });

  it.each(['', '*', '*.example.com', 'https://a', 'a/b', '::1', 'a:b', 'a:123456'])('refuses %j', (text) => {
    expect(parseAllowedHost(text)).toMatchObject({ problem: 'This is not a host.' });
  });
});

describe('parseAllowedOrigin', () => {
  it.each([
    ['https://app.example.com', 'https://app.example.com'],
    ['https://APP.example.com:443', 'https://app.example.com'],
    ['http://localhost:5173', 'http://localhost:5173'],
    ['vscode-webview://abc123', 'vscode-webview://abc123'],
  ])('reads %j', (text, origin) => {
    expect(parseAllowedOrigin(text)).toEqual({ value: origin });
  });

  it.each(['', '*', 'null', 'app.example.com', 'https://a/', 'https://a/b', 'https://u@a', 'https://a?b'])(
    'refuses %j',
    (text) => {
      expect(parseAllowedOrigin(text)).toMatchObject({ problem: 'This is not an origin.' });
    },
  );
});
