import { describe, expect, it } from 'vitest';
import { ToolFailure } from './failure.ts';
import { type PageAddress, pageUrl, webUrl } from './page-url.ts';

describe('pageUrl', () => {
  it.each<[PageAddress, string]>([
    [{ url: 'https://example.com/a?b=c#d' }, 'https://example.com/a?b=c'],
    [{ url: 'HTTP://EXAMPLE.com' }, 'http://example.com/'],
    [{ host: 'example.com' }, 'https://example.com/'],
    [{ host: 'example.com', port: 443 }, 'https://example.com/'],
    [{ host: 'example.com', port: 80 }, 'http://example.com/'],
    [{ host: 'example.com', port: 3000 }, 'http://example.com:3000/'],
    [{ host: 'example.com', port: 8443, scheme: 'https' }, 'https://example.com:8443/'],
    [{ host: 'example.com', scheme: 'http' }, 'http://example.com/'],
    [{ host: 'example.com', path: '/a/b?c=d?e#f' }, 'https://example.com/a/b?c=d?e'],
    [{ host: 'example.com', path: 'a' }, 'https://example.com/a'],
    [{ host: 'example.com', path: '//evil.example/' }, 'https://example.com//evil.example/'],
    [{ host: 'example.com', path: '\\\\evil.example' }, 'https://example.com//evil.example'],
    [{ host: 'example.com', path: '@evil.example' }, 'https://example.com/@evil.example'],
    [{ host: 'example.com', path: '/../../x' }, 'https://example.com/x'],
    [{ host: 'example.com', path: '/a\r\nHost: evil' }, 'https://example.com/aHost:%20evil'],
    [{ host: '한국.kr', path: '/한' }, 'https://xn--3e0b707e.kr/%ED%95%9C'],
    [{ host: '::1', port: 3000 }, 'http://[::1]:3000/'],
    [{ host: '0x7f.1' }, 'https://127.0.0.1/'],
  ])('%j is %s', (address, url) => {
    expect(pageUrl(address).href).toBe(url);
  });

  it.each<[PageAddress, string]>([
    [{}, 'Give url, or host.'],
    [{ path: '/' }, 'Give url, or host.'],
    [{ url: 'https://example.com', host: 'example.com' }, 'not both'],
    [{ url: 'https://example.com', port: 80 }, 'not both'],
    [{ url: 'example.com' }, 'is not a URL. Write it as "https://example.com/path"'],
    [{ url: 'file:///etc/passwd' }, 'neither http nor https'],
    [{ url: 'gopher://example.com' }, 'neither http nor https'],
    [{ url: 'data:text/html,x' }, 'neither http nor https'],
    [{ url: 'https://user@example.com' }, 'user name or password'],
    [{ url: 'https://:hunter2@example.com' }, 'user name or password'],
  ])('refuses %j: %s', (address, message) => {
    expect(() => pageUrl(address)).toThrow(ToolFailure);
    expect(() => pageUrl(address)).toThrow(message);
  });

  it('never repeats a password', () => {
    expect(() => pageUrl({ url: 'https://me:hunter2@example.com' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') as string }),
    );
  });

  it.each(['-f', '$(id)', 'a/b', 'user@evil.example', 'evil.example:80', 'evil.example#', 'a\nb'])(
    'refuses the host %j',
    (host) => {
      expect(() => pageUrl({ host })).toThrow(expect.objectContaining({ code: 'invalid_host' }));
    },
  );
});

describe('webUrl', () => {
  it('reads a relative one', () => {
    const base = new URL('http://example.com/a/b');
    expect(webUrl('../c', base).href).toBe('http://example.com/c');
    expect(webUrl('//other.example/x', base).href).toBe('http://other.example/x');
    expect(() => webUrl('javascript:alert(1)', base)).toThrow('neither http nor https');
  });
});
