import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectV2, firstText } from '../support/clients.ts';
import { child, type Gateway, startGateway } from '../support/gateway.ts';
import {
  type Answer,
  begin,
  callTool,
  modern,
  MODERN_META,
  modernRequest,
  post,
  send,
  textOf,
} from '../support/http.ts';
import { eventually } from '../support/processes.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ config: { mcpServers: { child: child('--name', 'the child') } } });
});
afterAll(() => gateway?.stop());

const PREFIX = 'io.modelcontextprotocol/';
const HEADERS = { 'mcp-protocol-version': '2026-07-28' };

function listWith(meta: unknown): Promise<Answer> {
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } };
  return post(gateway, message, { headers: { ...HEADERS, 'mcp-method': 'tools/list' } });
}

describe('server/discover', () => {
  it('tells what the server says of itself, and what the gateway speaks', async () => {
    const { status, last, headers } = await modern(gateway, 'server/discover');
    expect(status).toBe(200);
    expect(last.result).toMatchObject({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {}, prompts: {}, resources: {}, completions: {} },
      instructions: 'I am the child.',
      ttlMs: expect.any(Number) as number,
      cacheScope: expect.stringMatching(/^(private|public)$/) as string,
    });
    expect(headers['mcp-session-id']).toBeUndefined();
  });
});

describe('results', () => {
  it('say that they are complete, who made them, and lists how long they are good for', async () => {
    const { result } = (await modern(gateway, 'tools/list')).last;
    expect(result).toMatchObject({ resultType: 'complete', ttlMs: expect.any(Number) as number });
    expect(result?.['cacheScope']).toMatch(/^(private|public)$/);
    const called = (await callTool(gateway, 'echo', { text: 'x' })).last.result;
    expect(called).toMatchObject({ resultType: 'complete' });
    expect(called).not.toHaveProperty('ttlMs');
    expect(called?.['_meta']).toHaveProperty([`${PREFIX}serverInfo`]);
  });

  it.each([0, 1, 'id', -5, 9007199254740991])('carry the id %j as it came', async (id) => {
    expect((await callTool(gateway, 'echo', { text: 'x' }, { id })).last.id).toBe(id);
  });

  it('never come with a session, and a session id is passed over', async () => {
    const answer = await modern(gateway, 'tools/list', {}, { headers: { 'mcp-session-id': '__proto__' } });
    expect(answer.status).toBe(200);
    expect(answer.headers['mcp-session-id']).toBeUndefined();
  });
});

describe('threat 16: a header and the body that do not say the same', () => {
  const call = { name: 'echo', arguments: { text: 'x' } };

  it.each([
    ['the version', { 'mcp-protocol-version': '2025-11-25' }],
    ['no version', { 'mcp-protocol-version': undefined }],
    ['the method', { 'mcp-method': 'tools/list' }],
    ['no method', { 'mcp-method': undefined }],
    ['the method in another case', { 'mcp-method': 'Tools/Call' }],
    ['the name', { 'mcp-name': 'crash' }],
    ['no name', { 'mcp-name': undefined }],
    ['the name in another case', { 'mcp-name': 'ECHO' }],
    ['a name with an encoding that is none', { 'mcp-name': '=?base64?%%%?=' }],
  ])('%s: 400 and -32020', async (_what, headers) => {
    const answer = await modern(gateway, 'tools/call', call, { headers });
    expect([answer.status, answer.last.error?.code], answer.text).toEqual([400, -32020]);
  });

  it('is compared after the encoding of names that no header can hold', async () => {
    const name = 'naïve tool';
    const encoded = `=?base64?${Buffer.from(name).toString('base64')}?=`;
    const answer = await modern(
      gateway,
      'tools/call',
      { name, arguments: {} },
      { headers: { 'mcp-name': encoded } },
    );
    // The headers are in order; there is no such tool.
    expect([answer.status, answer.last.error?.code]).toEqual([200, -32602]);
  });

  it.each([
    ['another region', { 'mcp-param-region': 'us' }],
    ['no region', {}],
    ['the region twice', { 'mcp-param-region': ['eu', 'eu'] }],
    ['the region in an encoding that is none', { 'mcp-param-region': '=?base64?ZXU?=' }],
  ])('%s, of a tool that wants it in a header: 400 and -32020', async (_what, headers) => {
    const answer = await callTool(gateway, 'route', { region: 'eu' }, { headers });
    expect([answer.status, answer.last.error?.code], answer.text).toEqual([400, -32020]);
  });

  it.each([
    ['eu', 'eu'],
    ['Zürich', `=?base64?${Buffer.from('Zürich').toString('base64')}?=`],
  ])('takes the region %s as %s', async (region, header) => {
    const answer = await callTool(gateway, 'route', { region }, { headers: { 'mcp-param-region': header } });
    expect(textOf(answer)).toBe(region);
  });

  it('takes what the official client makes of a tool that wants a header', async () => {
    await using client = await connectV2(gateway, 'modern');
    expect(firstText(await client.call('route', { region: ' Zürich ' }))).toBe(' Zürich ');
  });

  it.each(['__proto__', 'constructor'])('does not find %s in a table of headers', async (name) => {
    const answer = await modern(gateway, 'tools/call', { name, arguments: {} });
    expect([answer.status, answer.last.error?.code]).toEqual([200, -32602]);
  });
});

describe('what a request must say of itself', () => {
  const version = { [`${PREFIX}protocolVersion`]: '2026-07-28' };

  it.each([
    ['nothing at all', undefined],
    ['no version', { [`${PREFIX}clientCapabilities`]: {} }],
    ['no capabilities', version],
    ['capabilities that are none', { ...version, [`${PREFIX}clientCapabilities`]: 'all' }],
    ['a version that is a number', { ...MODERN_META, [`${PREFIX}protocolVersion`]: 20260728 }],
    ['_meta that is none', 'x'],
  ])('%s: 400 and -32602', async (_what, meta) => {
    const answer = await listWith(meta);
    expect([answer.status, answer.last.error?.code], answer.text).toEqual([400, -32602]);
  });

  it('who it is may be left out', async () => {
    expect((await listWith({ ...version, [`${PREFIX}clientCapabilities`]: {} })).status).toBe(200);
  });

  it('a version that is not spoken: 400, -32022 and those that are', async () => {
    const meta = { ...MODERN_META, [`${PREFIX}protocolVersion`]: '2099-01-01' };
    const headers = { 'mcp-protocol-version': '2099-01-01', 'mcp-method': 'tools/list' };
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } };
    const answer = await post(gateway, message, { headers });
    expect(answer.status).toBe(400);
    expect(answer.last.error).toMatchObject({ code: -32022, data: { requested: '2099-01-01' } });
    expect(answer.last.error?.data?.['supported']).toContain('2026-07-28');
  });

  it('a log level that does not exist: -32602', async () => {
    const answer = await modern(gateway, 'tools/list', {}, { meta: { [`${PREFIX}logLevel`]: 'loud' } });
    expect(answer.last.error?.code).toBe(-32602);
  });
});

describe('methods', () => {
  it.each([
    'no/such',
    'initialize',
    'ping',
    'logging/setLevel',
    'resources/subscribe',
    'resources/unsubscribe',
    'tasks/list',
    '__proto__',
  ])('%s is not one: 404 and -32601, with the id', async (method) => {
    const answer = await modern(gateway, method, {}, { id: 'mine' });
    expect([answer.status, answer.last.error?.code, answer.last.id], answer.text).toEqual([
      404,
      -32601,
      'mine',
    ]);
  });

  it('a tool that is not there: 200 and -32602', async () => {
    const answer = await callTool(gateway, 'no_such_tool');
    expect([answer.status, answer.last.error?.code]).toEqual([200, -32602]);
  });

  it('a resource that is not there: -32602, never the -32002 of old', async () => {
    const answer = await modern(gateway, 'resources/read', { uri: 'child://none' });
    expect(answer.last.error?.code).toBe(-32602);
  });

  it('a cursor that nobody gave: an error, not a list', async () => {
    const answer = await modern(gateway, 'tools/list', { cursor: 'after-many-years' });
    expect(answer.last.error?.code).toBe(-32602);
  });

  it('a batch and a response are refused: 400 and -32600', async () => {
    const one = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: MODERN_META } };
    for (const body of [[one], [one, one], { jsonrpc: '2.0', id: 1, result: {} }]) {
      const answer = await post(gateway, body, { headers: { ...HEADERS, 'mcp-method': 'tools/list' } });
      expect([answer.status, answer.last.error?.code], answer.text).toEqual([400, -32600]);
    }
  });

  it('GET and DELETE are for sessions: 405', async () => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await send(gateway, { method, headers: HEADERS });
      expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
    }
  });

  it('an id that is none is refused', async () => {
    for (const id of [null, {}, [], true, 1.5]) {
      expect((await modern(gateway, 'tools/list', {}, { id })).status, JSON.stringify(id)).toBe(400);
    }
  });
});

describe('log messages', () => {
  it('come only to who asked, on the stream of the call that made them', async () => {
    const quiet = await callTool(gateway, 'log', { data: 'unheard' });
    expect(quiet.messages).toHaveLength(1);
    const meta = { [`${PREFIX}logLevel`]: 'info' };
    const loud = await callTool(gateway, 'log', { data: 'heard' }, { meta });
    expect(loud.messages.map(({ method }) => method)).toEqual(['notifications/message', undefined]);
  });
});

describe('threat 27: keys that mean something to JavaScript', () => {
  it('arrive as they are, and change no object of the gateway', async () => {
    const text = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"id":1}';
    const body =
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"structured","arguments":{"value":' +
      `${text}},"__proto__":{"polluted":true},"_meta":${JSON.stringify(MODERN_META)}},"__proto__":{"polluted":true}}`;
    const headers = { ...HEADERS, 'mcp-method': 'tools/call', 'mcp-name': 'structured' };
    const answer = await send(gateway, { body, headers });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(`"structuredContent":${text}`);
    const health = await send(gateway, { method: 'GET', path: '/health' });
    expect(health.text).not.toContain('polluted');
  });

  it('in _meta reach the server as they are, or not at all', async () => {
    const meta = `{"__proto__":{"x":1},"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",${JSON.stringify(MODERN_META).slice(1)}`;
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"received","arguments":{},"_meta":${meta}}}`;
    const headers = { ...HEADERS, 'mcp-method': 'tools/call', 'mcp-name': 'received' };
    const received = JSON.parse(textOf(await send(gateway, { body, headers })) ?? '') as {
      params: { _meta?: Record<string, unknown> };
    }[];
    const seen = received.at(-1)?.params['_meta'] ?? {};
    expect(seen['traceparent']).toMatch(/^00-/);
    expect(Object.keys(seen).filter((key) => key.startsWith(PREFIX))).toEqual([]);
  });
});

describe('a client that closes its connection', () => {
  it('has cancelled its call, and no other', async () => {
    const before = JSON.parse(textOf(await callTool(gateway, 'cancelled')) ?? '') as unknown[];
    const other = callTool(gateway, 'echo', { text: 'unharmed', delayMs: 500 });
    const call = begin(gateway, modernRequest('tools/call', { name: 'hang' }));
    await new Promise((settle) => setTimeout(settle, 200));
    call.close();
    await eventually('the server was told', async () => {
      const after = JSON.parse(textOf(await callTool(gateway, 'cancelled')) ?? '') as unknown[];
      return after.length === before.length + 1;
    });
    expect(textOf(await other)).toBe('unharmed');
  });
});
