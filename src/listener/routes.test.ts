import { describe, expect, it } from 'vitest';
import { checkServerName } from '../config/server-name.ts';
import { routeOf } from './routes.ts';

const all = { kind: 'mcp', scope: undefined };

describe('an alias', () => {
  const aliases = new Map([
    ['/events', '/sse'],
    ['/', '/mcp'],
    ['/healthz', '/health'],
  ]);

  it.each([
    ['/events', { kind: 'sse', scope: undefined }],
    ['/events?x', { kind: 'sse', scope: undefined }],
    ['/', all],
    ['/healthz', { kind: 'health', what: 'all' }],
    ['/mcp', all],
    ['/events/x', undefined],
  ])('%s', (url, route) => {
    expect(routeOf(url, '', aliases)).toEqual(route);
    expect(routeOf(`/prefix${url}`, '/prefix', aliases)).toEqual(route);
  });
});

describe('a path', () => {
  it.each([
    ['/mcp', all],
    ['/mcp/', all],
    ['/mcp?x=/servers/a/mcp', all],
    ['/mcp/?', all],
    ['/servers/files/mcp', { kind: 'mcp', scope: 'files' }],
    ['/servers/files/mcp/', { kind: 'mcp', scope: 'files' }],
    ['/servers/files/mcp?token=x', { kind: 'mcp', scope: 'files' }],
    ['/servers/a.b-c_d/mcp', { kind: 'mcp', scope: 'a.b-c_d' }],
    ['/servers/mcp/mcp', { kind: 'mcp', scope: 'mcp' }],
    ['/sse', { kind: 'sse', scope: undefined }],
    ['/sse/?x', { kind: 'sse', scope: undefined }],
    ['/messages?sessionId=x', { kind: 'messages', scope: undefined }],
    ['/servers/files/sse', { kind: 'sse', scope: 'files' }],
    ['/servers/files/messages?sessionId=x', { kind: 'messages', scope: 'files' }],
    ['/servers/sse/messages/', { kind: 'messages', scope: 'sse' }],
    ['/sse', { kind: 'sse', scope: undefined }],
    ['/sse/', { kind: 'sse', scope: undefined }],
    ['/messages?sessionId=x', { kind: 'messages', scope: undefined }],
    ['/messages/', { kind: 'messages', scope: undefined }],
    ['/servers/files/sse', { kind: 'sse', scope: 'files' }],
    ['/servers/files/messages?sessionId=x', { kind: 'messages', scope: 'files' }],
    ['/servers/sse/messages', { kind: 'messages', scope: 'sse' }],
    ['/health', { kind: 'health', what: 'all' }],
    ['/health?x', { kind: 'health', what: 'all' }],
    ['/health/live', { kind: 'health', what: 'live' }],
    ['/health/ready', { kind: 'health', what: 'ready' }],
  ])('%s leads somewhere', (url, route) => {
    expect(routeOf(url, '')).toEqual(route);
  });

  it.each([
    '',
    '/',
    '*',
    '?',
    '/MCP',
    '/mcp//',
    '//mcp',
    '/./mcp',
    '/x/../mcp',
    '/mcp/x',
    '/sse/x',
    '/sse/messages',
    '/message',
    '/servers/a/sse/messages',
    '/servers/a/ssex',
    '/mcp;x',
    '/mcp#x',
    '/mcp%2f',
    '/%6dcp',
    '/mcp\\',
    '/mcpx',
    'mcp',
    'http://localhost/mcp',
    '/servers',
    '/servers/',
    '/servers//mcp',
    '/servers/mcp',
    '/servers/a',
    '/servers/a/',
    '/servers/a/b/mcp',
    '/servers/a/mcp/x',
    '/servers/a%2Fb/mcp',
    '/servers/%2e%2e/mcp',
    '/servers/a%00/mcp',
    '/servers/a b/mcp',
    '/servers/é/mcp',
    `/servers/${'x'.repeat(65)}/mcp`,
    '/sse/x',
    '/sses',
    '/message',
    '/servers/a/health',
    '/servers/a/sse/x',
    '/health/',
    '/health/live/',
    '/health/other',
    '/healthx',
    '/gateway/mcp',
  ])('%j leads nowhere', (url) => {
    expect(routeOf(url, '')).toBeUndefined();
  });

  it('leads to every server whose name the configuration takes', () => {
    for (const name of [
      'a',
      'A',
      '0',
      'x'.repeat(64),
      'a-b',
      'a_b',
      'a.b',
      '-',
      '.a',
      '_a',
      'toString',
      'mcp',
    ]) {
      expect(checkServerName(name), name).toEqual({ value: name });
      expect(routeOf(`/servers/${name}/mcp`, '')).toEqual({ kind: 'mcp', scope: name });
    }
  });
});

describe('a path below that of publicUrl', () => {
  it.each([
    ['/gateway/mcp', all],
    ['/gateway/mcp/', all],
    ['/gateway/mcp?x', all],
    ['/gateway/servers/files/mcp', { kind: 'mcp', scope: 'files' }],
    ['/gateway/health/ready', { kind: 'health', what: 'ready' }],
    ['/mcp', all],
    ['/servers/files/mcp', { kind: 'mcp', scope: 'files' }],
  ])('%s leads where it does without, whether the proxy takes the prefix off or not', (url, route) => {
    expect(routeOf(url, '/gateway')).toEqual(route);
  });

  it.each(['/gateway', '/gateway/', '/gatewaymcp', '/gateway/gateway/mcp', '/other/mcp', '/Gateway/mcp'])(
    '%s leads nowhere',
    (url) => {
      expect(routeOf(url, '/gateway')).toBeUndefined();
    },
  );

  it('may be one that looks like ours', () => {
    expect(routeOf('/mcp/mcp', '/mcp')).toEqual(all);
    expect(routeOf('/servers/x/servers/y/mcp', '/servers/x')).toEqual({ kind: 'mcp', scope: 'y' });
  });
});
