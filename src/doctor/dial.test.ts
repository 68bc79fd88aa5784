import { describe, expect, it } from 'vitest';
import { dialBy, parseConnectTo, placeOf } from './dial.ts';

describe('--connect-to', () => {
  it.each([
    ['mcp.test:443:127.0.0.1:8443', { host: 'mcp.test', port: 443 }, { host: '127.0.0.1', port: 8443 }],
    ['MCP.test:443:[::1]:8443', { host: 'mcp.test', port: 443 }, { host: '::1', port: 8443 }],
  ])('%s', (text, from, to) => expect(parseConnectTo(text)).toEqual([from, to]));

  it.each(['', 'mcp.test', 'mcp.test:443', 'mcp.test:443:::1:8443', 'mcp.test:x:127.0.0.1:1'])(
    'is not %j',
    (text) => expect(parseConnectTo(text)).toBeUndefined(),
  );

  it('leads one place elsewhere, and leaves the others alone', () => {
    const pair = parseConnectTo('mcp.test:443:127.0.0.1:8443');
    if (!pair) throw new Error('it is one');
    const dial = dialBy([pair]);
    expect(dial(placeOf(new URL('https://mcp.test/mcp')))).toEqual({ host: '127.0.0.1', port: 8443 });
    expect(dial(placeOf(new URL('http://mcp.test/mcp')))).toBeUndefined();
    expect(dial(placeOf(new URL('https://other.test/mcp')))).toBeUndefined();
  });
});
