import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Credentials } from './http-client.ts';
import { accept, connect, json, serve } from './testing.ts';

/** A server that answers with these bytes, whatever it is asked. */
async function answering(bytes: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(bytes));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

/** A login with these tokens, one after the other. */
function credentials(tokens: string[]): Credentials & { challenges: (string | undefined)[] } {
  const challenges: (string | undefined)[] = [];
  return {
    challenges,
    headers: async () => ({ authorization: `Bearer ${tokens[0]}` }),
    renew: async (challenge) => {
      challenges.push(challenge);
      tokens.shift();
      return tokens.length > 0;
    },
  };
}
/** A server that takes this token only. */
const door = (good: string): ReturnType<typeof serve> =>
  serve((request, res) => {
    if (request.headers.authorization === `Bearer ${good}`) {
      accept(request, res);
      return;
    }
    json(res, 401, { error: 'invalid_token' }, { 'www-authenticate': 'Bearer realm="x"' });
  });

const lookup = async (): Promise<string[]> => ['127.0.0.1'];

describe('the headers of a request', () => {
  it('are those of the configuration, except for what belongs to the protocol', async () => {
    const { url, seen } = await serve(accept);
    const headers = {
      Authorization: 'Bearer configured',
      'X-Team': 'core',
      Accept: 'text/html',
      'Mcp-Session-Id': 'mine',
      'Last-Event-ID': '1',
      'Content-Length': '5',
      'Accept-Encoding': 'gzip',
    };
    expect(await connect(url, { headers }).ask()).toBe('{}');
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer configured',
      'x-team': 'core',
      accept: 'application/json, text/event-stream',
    });
    for (const name of ['mcp-session-id', 'last-event-id', 'accept-encoding'])
      expect(seen[0]?.headers).not.toHaveProperty(name);
  });
});

describe('a login', () => {
  it('goes with every request', async () => {
    const { url, seen } = await door('a');
    const test = connect(url, { credentials: credentials(['a']), headers: { authorization: 'Bearer old' } });
    expect(await Promise.all([test.ask(), test.ask()])).toEqual(['{}', '{}']);
    expect(seen).toHaveLength(2);
  });

  it('is renewed after a 401, and the request made once more', async () => {
    const { url, seen } = await door('b');
    const login = credentials(['a', 'b']);
    expect(await connect(url, { credentials: login }).ask()).toBe('{}');
    expect(login.challenges).toEqual(['Bearer realm="x"']);
    expect(seen).toHaveLength(2);
  });

  it.each([
    ['cannot be renewed', ['a']],
    ['is refused again', ['a', 'b', 'c']],
  ])('that %s is said to be missing', async (_what, tokens) => {
    const { url, seen } = await door('z');
    expect(await connect(url, { credentials: credentials([...tokens]) }).ask()).toContain(
      'server_login_required',
    );
    expect(seen.length).toBeLessThanOrEqual(2);
  });

  it('that cannot be had is said to be missing, and nothing is sent', async () => {
    const { url, seen } = await door('a');
    const broken = { headers: () => Promise.reject(new Error('secret detail')), renew: async () => false };
    const said = await connect(url, { credentials: broken }).ask();
    expect(said).toContain('server_login_required');
    expect(said).not.toContain('secret');
    expect(seen).toHaveLength(0);
  });

  it('is missing where the server answers 401 and none is configured', async () => {
    const { url } = await door('a');
    expect(await connect(url).ask()).toContain('server_login_required');
  });
});

describe('a scope that does not suffice', () => {
  /** A server that takes these tokens only, and says of all others that they lack a scope. */
  const narrow = (good: string, challenge: string): ReturnType<typeof serve> =>
    serve((request, res) => {
      if (request.headers.authorization === `Bearer ${good}`) accept(request, res);
      else json(res, 403, {}, { 'www-authenticate': challenge });
    });
  const LACKS = 'Bearer error="insufficient_scope", scope="write"';

  it('is renewed, with the challenge', async () => {
    const { url } = await narrow('b', LACKS);
    const login = credentials(['a', 'b']);
    expect(await connect(url, { credentials: login }).ask()).toBe('{}');
    expect(login.challenges).toEqual([LACKS]);
  });

  it('is renewed twice at most, and then it is said what to do', async () => {
    const { url, seen } = await narrow('z', LACKS);
    const login = { ...credentials(['a', 'b', 'c', 'd', 'e']), advice: 'Run this.' };
    expect(await connect(url, { credentials: login }).ask()).toContain('server_login_required');
    expect(seen).toHaveLength(3);
  });

  it('is not what any other 403 means', async () => {
    const { url, seen } = await narrow('b', 'Bearer error="access_denied"');
    const login = credentials(['a', 'b']);
    expect(await connect(url, { credentials: login }).ask()).not.toBe('{}');
    expect(login.challenges).toEqual([]);
    expect(seen).toHaveLength(1);
  });
});

describe('a redirect', () => {
  it.each([301, 302, 307, 308])('within the origin is followed, and remembered (%i)', async (status) => {
    const { url, seen } = await serve((request, res) => {
      if (request.url === '/mcp') res.writeHead(status, { location: '/mcp/?a=1' }).end('moved');
      else accept(request, res);
    });
    const { ask } = connect(url);
    expect(await ask('tools/call', { name: 'x' })).toBe('{}');
    expect(await ask()).toBe('{}');
    expect(seen.map((each) => `${each.method} ${each.url}`)).toEqual([
      'POST /mcp',
      'POST /mcp/?a=1',
      'POST /mcp/?a=1',
    ]);
    expect(seen[1]?.body).toMatchObject({ params: { name: 'x' } });
  });

  it('to somebody else is not followed: nobody else gets our headers', async () => {
    const other = await serve(accept);
    const { url } = await serve((_request, res) => res.writeHead(307, { location: other.url }).end());
    const said = await connect(url, { headers: { authorization: 'Bearer secret' } }).ask();
    expect(said).toContain('server_unavailable');
    expect(said).toContain(new URL(other.url).origin);
    expect(other.seen).toHaveLength(0);
  });

  it.each(['/mcp', 'nonsense://x', 'http://[', ''])('that leads nowhere ends (%j)', async (location) => {
    const { url, seen } = await serve((_request, res) => res.writeHead(308, { location }).end());
    expect(await connect(url).ask()).toContain('server_unavailable');
    expect(seen.length).toBeLessThanOrEqual(4);
  });
});

describe('a server that is not what it should be', () => {
  it.each([
    [400, 'server_refused'],
    [403, 'server_unavailable'],
    [404, 'server_refused'],
    [429, 'server_unavailable'],
    [500, 'server_unavailable'],
    [503, 'server_unavailable'],
  ])('answers %i, which is said', async (status, reason) => {
    const { url } = await serve((_request, res) => res.writeHead(status).end('x'.repeat(100_000)));
    const said = await connect(url).ask();
    expect(said).toContain(`${reason}:`);
    expect(said).toContain(`HTTP status ${status}`);
  });

  it("answers an error with a status, and the error's own words are passed on", async () => {
    const { url } = await serve(({ body }, res) =>
      json(res, 404, { jsonrpc: '2.0', id: body['id'], error: { code: -32601, message: 'No such method' } }),
    );
    expect(await connect(url).ask()).toBe('-32601: No such method');
  });

  it('answers an error without an id, which can only be about this request', async () => {
    const { url } = await serve((_request, res) =>
      json(res, 200, { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'What?' } }),
    );
    expect(await connect(url).ask()).toBe('-32600: What?');
  });

  it.each([
    ['a page', 'text/html', '<html>'],
    ['nothing', 'application/json', ''],
    ['no JSON', 'application/json', '{"jsonrpc":'],
    ['an array nested deep', 'application/json', `${'['.repeat(90_000)}${']'.repeat(90_000)}`],
    ['no message', 'application/json', '{"a":1}'],
    ["somebody else's answer", 'application/json', '{"jsonrpc":"2.0","id":77,"result":{}}'],
    ['a stream of nothing', 'text/event-stream', ': hello\n\n'],
    ['a stream of junk', 'text/event-stream', 'data: {}\n\ndata: x\n\n'],
    ['other events', 'text/event-stream', 'event: x\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n'],
  ])('answers %s, which is no answer', async (_what, type, body) => {
    const { url } = await serve((_request, res) => res.writeHead(200, { 'content-type': type }).end(body));
    expect(await connect(url).ask()).toContain('server_reply_invalid');
  });

  it.each([
    ['garbage', 'garbage\r\n\r\n', 'not HTTP'],
    ['nothing', '', 'closed the connection'],
    [
      'half an answer',
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"json',
      'broke off',
    ],
    ['endless headers', `HTTP/1.1 200 OK\r\n${`X-Y: ${'z'.repeat(1000)}\r\n`.repeat(100)}`, 'headers'],
  ])('sends %s, which is said', async (_what, bytes, problem) => {
    const said = await connect(await answering(bytes)).ask();
    expect(said).toContain('server_unavailable');
    expect(said).toContain(problem);
  });

  it('is not there', async () => {
    const { url, stop } = await serve(accept);
    stop();
    expect(await connect(url).ask()).toContain('Nobody listens');
  });

  it('does not answer: the call ends in its time, and so does the connection', async () => {
    const { url, seen } = await serve(() => {});
    const { link } = connect(url);
    const reply = await link.send({ method: 'tools/call', params: () => ({}), timeoutMs: 50 });
    expect(reply).toMatchObject({ kind: 'failure', error: { data: { reason: 'call_timeout' } } });
    await vi.waitFor(() => expect(seen[0]?.closedEarly).toBe(true));
  });

  it('takes nothing in: at some point nothing more is sent to it', async () => {
    const { url } = await serve(() => {});
    const { link } = connect(url);
    const large = { text: 'x'.repeat(5_000_000) };
    const send = (): Promise<unknown> => link.send({ method: 'a', params: () => large, timeoutMs: 200 });
    const replies = await Promise.all([send(), send(), send(), send()]);
    expect(replies[3]).toMatchObject({ error: { data: { reason: 'server_busy' } } });
    expect(replies[0]).toMatchObject({ error: { data: { reason: 'call_timeout' } } });
    // And when those are given up, there is room again.
    expect(await send()).toMatchObject({ error: { data: { reason: 'call_timeout' } } });
  });
});

describe('where a server may be', () => {
  it('is wherever the configuration says by an address, or by localhost', async () => {
    const { url } = await serve(accept);
    expect(await connect(url).ask()).toBe('{}');
    expect(await connect(url.replace('127.0.0.1', 'localhost'), { lookup }).ask()).toBe('{}');
    expect(await connect(url.replace('127.0.0.1', 'localhost'), { lookup, allowPrivate: true }).ask()).toBe(
      '{}',
    );
  });

  it('is not a private address that a name leads to, unless the configuration says so', async () => {
    const { url, seen } = await serve(accept);
    const named = url.replace('127.0.0.1', 'mcp.example.com');
    const said = await connect(named, { lookup }).ask();
    expect(said).toContain('allowPrivate');
    expect(said).not.toContain('127.0.0.1');
    expect(seen).toHaveLength(0);
    expect(await connect(named, { lookup, allowPrivate: true }).ask()).toBe('{}');
  });

  it('is not another machine of the network that localhost leads to', async () => {
    const { url } = await serve(accept);
    const said = await connect(url.replace('127.0.0.1', 'localhost'), {
      lookup: async () => ['10.0.0.1'],
    }).ask();
    expect(said).toContain('not public');
  });
});
