import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { child, type Gateway, startGateway } from '../support/gateway.ts';
import { callTool, modern, post, raw, send, Session, textOf } from '../support/http.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ config: { mcpServers: { child: child() } } });
});
afterAll(() => gateway?.stop());

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };
const LIST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
const hostLine = (): string => `Host: 127.0.0.1:${gateway.port}\r\n`;
const tokenLine = (): string => `Authorization: Bearer ${gateway.token}\r\n`;
const CLIENT_HEADERS = 'Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n';

/** One raw request of HTTP/1.1 that closes the connection behind it. */
function rawRequest(headers: string, body = LIST): Promise<string> {
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return raw(gateway, `POST /mcp HTTP/1.1\r\n${headers}${length}Connection: close\r\n\r\n${body}`);
}

describe('without the right token', () => {
  it.each([
    ['none', undefined],
    ['an empty one', 'Bearer '],
    ['a wrong one', `Bearer ${'A'.repeat(43)}`],
    ['one of another scheme', 'Basic dXNlcjpwYXNz'],
    ['a huge one', `Bearer ${'A'.repeat(9000)}`],
    ['two in one', 'Bearer a, Bearer b'],
  ])('nobody gets in: %s', async (_what, authorization) => {
    const answer = await post(gateway, PING, { headers: { authorization } });
    expect(answer.status).toBe(401);
    // RFC 9110, 15.5.2: a 401 MUST carry a challenge.
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer\b/);
    expect(answer.text).not.toContain(gateway.token);
  });

  it('a part of the token, or more than the token, is not the token', async () => {
    const token = gateway.token ?? '';
    for (const wrong of [token.slice(0, -1), `${token}A`, token.toUpperCase(), ` ${token} x`]) {
      const answer = await post(gateway, PING, { headers: { authorization: `Bearer ${wrong}` } });
      expect(answer.status, wrong).toBe(401);
    }
  });

  it('every method and every endpoint is closed', async () => {
    const headers = { authorization: undefined };
    for (const path of ['/mcp', '/mcp/', '/servers/child/mcp', '/servers/none/mcp']) {
      for (const method of ['POST', 'GET', 'DELETE', 'PUT']) {
        const answer = await send(gateway, { path, method, headers });
        expect(answer.status, `${method} ${path}`).toBe(401);
      }
    }
  });

  it('says so before it takes the body', async () => {
    // A megabyte is announced and never sent: the answer comes anyway.
    const answer = await raw(
      gateway,
      `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\n${CLIENT_HEADERS}Content-Length: 1000000\r\n` +
        'Connection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('does not take the token from the address', async () => {
    const path = `/mcp?access_token=${gateway.token}&token=${gateway.token}`;
    expect((await post(gateway, PING, { path, headers: { authorization: undefined } })).status).toBe(401);
  });
});

describe('with the token', () => {
  it('the scheme is not case sensitive', async () => {
    const headers = { authorization: `bEARER ${gateway.token}` };
    expect((await modern(gateway, 'tools/list', {}, { headers })).status).toBe(200);
  });
});

describe('threat 1: DNS rebinding', () => {
  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '[::1].evil',
  ])('Host: %s is refused', async (host) => {
    expect((await modern(gateway, 'tools/list', {}, { headers: { host } })).status).toBe(403);
  });

  it('the names of this machine are not', async () => {
    for (const host of [
      `127.0.0.1:${gateway.port}`,
      `localhost:${gateway.port}`,
      `LOCALHOST:${gateway.port}`,
    ]) {
      expect((await modern(gateway, 'tools/list', {}, { headers: { host } })).status, host).toBe(200);
    }
  });

  it('is refused before anything else, health included', async () => {
    const headers = { host: 'evil.example', authorization: undefined };
    expect((await send(gateway, { method: 'GET', path: '/health', headers })).status).toBe(403);
    expect((await post(gateway, PING, { headers })).status).toBe(403);
  });

  it('a request without Host is no request (RFC 9112, 3.2)', async () => {
    expect(await rawRequest(tokenLine() + CLIENT_HEADERS)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('threat 2: pages of other origins', () => {
  it.each([
    'https://evil.example',
    'http://evil.example:8080',
    'null',
    'file://',
    'http://127.0.0.1.evil.example',
  ])('Origin: %s is refused', async (origin) => {
    const answer = await modern(gateway, 'tools/list', {}, { headers: { origin } });
    expect(answer.status).toBe(403);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('programs, which send none, get in', async () => {
    expect((await modern(gateway, 'tools/list')).status).toBe(200);
  });

  it('gives a preflight of a stranger nothing', async () => {
    const headers = {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
      authorization: undefined,
    };
    const answer = await send(gateway, { method: 'OPTIONS', headers });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('threat 8: identity that a client claims', () => {
  it('changes nothing, and reaches no server', async () => {
    const headers = {
      'x-user-id': 'admin',
      X_User_Email: 'root@example.com',
      'x-forwarded-user': 'admin',
      'x-forwarded-for': '10.0.0.1',
    };
    const answer = await callTool(gateway, 'received', {}, { headers });
    expect(answer.status).toBe(200);
    expect(textOf(answer)).not.toMatch(/admin|root@|10\.0\.0\.1/);
    const without = await callTool(
      gateway,
      'received',
      {},
      { headers: { ...headers, authorization: undefined } },
    );
    expect(without.status).toBe(401);
  });

  it("the gateway's own token reaches no server", async () => {
    expect(textOf(await callTool(gateway, 'whoami'))).not.toContain(gateway.token);
    expect(textOf(await callTool(gateway, 'received'))).not.toContain(gateway.token);
  });
});

describe('threat 10: headers that stand twice', () => {
  it('two Host headers are refused, equal or not', async () => {
    for (const second of [hostLine(), 'Host: evil.example\r\n', 'hOST: evil.example\r\n']) {
      expect(await rawRequest(hostLine() + second + tokenLine() + CLIENT_HEADERS)).toMatch(
        /^HTTP\/1\.1 400 /,
      );
    }
  });

  it('two Authorization headers are refused, whichever is right', async () => {
    const wrong = 'Authorization: Bearer wrong\r\n';
    for (const both of [tokenLine() + wrong, wrong + tokenLine(), tokenLine() + tokenLine()]) {
      expect(await rawRequest(hostLine() + both + CLIENT_HEADERS)).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  it('two session ids are refused', async () => {
    const session = await Session.open(gateway);
    const twice = `Mcp-Session-Id: ${session.id}\r\nMcp-Session-Id: other\r\n`;
    expect(await rawRequest(hostLine() + tokenLine() + CLIENT_HEADERS + twice)).toMatch(/^HTTP\/1\.1 4\d\d /);
  });
});

describe('threat 11: requests that two readers would cut apart differently', () => {
  const SMUGGLED = 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

  it.each([
    ['both lengths', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['both lengths, the other way', 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'Content-Length: 0\r\nContent-Length: 44\r\n\r\n'],
    ['a space before the colon', 'Content-Length : 0\r\n\r\n'],
    ['a folded header', 'X-A: b\r\n Content-Length: 0\r\n\r\n'],
    ['a coding that is not chunked', 'Transfer-Encoding: xchunked\r\n\r\n'],
    ['a bare line feed', 'X-A: b\nContent-Length: 0\r\n\r\n'],
    ['a null in a value', 'X-A: b\0c\r\n\r\n'],
    ['a chunk length that is none', 'Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n'],
  ])('%s', async (_what, rest) => {
    const answer = await raw(
      gateway,
      `POST /mcp HTTP/1.1\r\n${hostLine()}${tokenLine()}${CLIENT_HEADERS}${rest}${SMUGGLED}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    // One answer and the end: what came behind was not taken for a request.
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });
});

describe('a body that is not what it should be', () => {
  it('over the limit: 413, announced or not', async () => {
    const body = JSON.stringify({ ...PING, params: { filler: 'x'.repeat(4 * 1024 * 1024) } });
    expect((await send(gateway, { body })).status).toBe(413);
    const chunked = await send(gateway, { body, headers: { 'transfer-encoding': 'chunked' } });
    expect(chunked.status).toBe(413);
  });

  it('just under the limit is taken', async () => {
    const text = 'x'.repeat(4 * 1024 * 1024 - 2000);
    expect(textOf(await callTool(gateway, 'echo', { text }))).toHaveLength(text.length);
  });

  it.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/jsonp'],
    ['text/plain; application/json'],
    [undefined],
  ])('of type %s: 415', async (type) => {
    expect((await post(gateway, PING, { headers: { 'content-type': type } })).status).toBe(415);
  });

  it('of type application/json with a charset is taken', async () => {
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' };
    expect((await modern(gateway, 'tools/list', {}, { headers })).status).toBe(200);
  });

  it.each(['text/html', 'application/json;q=0, text/event-stream;q=0', 'image/*'])(
    'for a client that accepts %s: 406',
    async (accept) => {
      expect((await post(gateway, PING, { headers: { accept } })).status).toBe(406);
    },
  );

  it.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['half of it', '{"jsonrpc":"2.0","id":1'],
    ['two of it', '{"jsonrpc":"2.0","id":1,"method":"ping"}{"jsonrpc":"2.0"}'],
    ['a trailing comma', '{"jsonrpc":"2.0","id":1,"method":"ping",}'],
    ['bytes that are not UTF-8', Buffer.from('{"jsonrpc":"2.0","id":1,"method":"\xff\xfe"}', 'latin1')],
    ['UTF-16', Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}', 'utf16le')],
  ])('%s: 400 and -32700', async (_what, body) => {
    const answer = await send(gateway, { body });
    expect(answer.status).toBe(400);
    expect(answer.last).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32700 } });
  });

  it.each([
    ['a number', '42'],
    ['a string', '"ping"'],
    ['null', 'null'],
    ['another version of JSON-RPC', '{"jsonrpc":"1.0","id":1,"method":"ping"}'],
    ['no version of JSON-RPC', '{"id":1,"method":"ping"}'],
    ['a method that is a number', '{"jsonrpc":"2.0","id":1,"method":1}'],
    ['params that are a string', '{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}'],
    ['an empty batch', '[]'],
  ])('%s: 400 and -32600', async (_what, body) => {
    const answer = await send(gateway, { body });
    expect(answer.status, answer.text).toBe(400);
    expect(answer.last).toMatchObject({ jsonrpc: '2.0', error: { code: -32600 } });
  });

  it('nested fifty thousand deep harms nobody', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":${deep}}}}`;
    expect((await send(gateway, { body })).status).toBeLessThan(500);
    expect(textOf(await callTool(gateway, 'echo', { text: 'still here' }))).toBe('still here');
  });
});

describe('an address that is not there', () => {
  it.each([
    '/',
    '/mcpx',
    '/mcp/x',
    '/servers',
    '/servers/child',
    '/servers/child/mcp/x',
    '/../mcp',
    '/MCP',
    '//mcp',
  ])('%s: 404', async (path) => {
    expect((await post(gateway, PING, { path })).status).toBe(404);
  });

  it.each(['none', '__proto__', 'constructor', '%2e%2e', '%', 'a%00b', '%ff'])(
    '/servers/%s/mcp: 4xx',
    async (name) => {
      const answer = await modern(gateway, 'tools/list', {}, { path: `/servers/${name}/mcp` });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    },
  );

  it('a method that is not for here: 405 with Allow', async () => {
    const answer = await send(gateway, { method: 'PUT' });
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toContain('POST');
  });
});
