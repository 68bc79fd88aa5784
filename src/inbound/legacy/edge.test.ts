import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../core/call.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { META } from '../../core/protocol.ts';
import { failure, type Reply, result } from '../../core/reply.ts';
import { type Endpoint, modern, serve, Waiting } from '../testing.ts';

const request = (method: string, params?: JsonValue, id: JsonValue = 1): JsonObject => ({
  jsonrpc: '2.0',
  id,
  method,
  ...(params !== undefined && { params }),
});
const notification = (method: string, params: JsonObject = {}): JsonObject => ({
  jsonrpc: '2.0',
  method,
  params,
});

const hello = (params: JsonObject = {}): JsonObject =>
  request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, ...params }, 'hello');

/** An endpoint that keeps the calls it was given. */
async function recording(): Promise<{ endpoint: Endpoint; calls: Call[] }> {
  const calls: Call[] = [];
  const endpoint = await serve({
    handle: (call) => {
      calls.push(call);
      return Promise.resolve(result({}));
    },
  });
  return { endpoint, calls };
}

describe('initialize', () => {
  it.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])(
    'agrees on %s',
    async (protocolVersion) => {
      await using endpoint = await serve();
      const { last, status } = await endpoint.post(hello({ protocolVersion }));
      expect(status).toBe(200);
      expect(last).toMatchObject({ id: 'hello', result: { protocolVersion } });
    },
  );

  it.each<JsonValue>(['1999-01-01', '2026-07-28', 'latest', '', 20251125, null, {}])(
    'offers the newest that opens like this to a client that says %j',
    async (protocolVersion) => {
      await using endpoint = await serve();
      const { last } = await endpoint.post(hello({ protocolVersion }));
      expect(last.result).toMatchObject({ protocolVersion: '2025-11-25' });
    },
  );

  it('tells of the server what it says of itself, and of nothing that is newer', async () => {
    await using endpoint = await serve({
      discover: () =>
        Promise.resolve(
          result({
            supportedVersions: ['2026-07-28'],
            capabilities: { tools: { listChanged: true } },
            instructions: 'Read this.',
            ttlMs: 0,
            cacheScope: 'private',
            _meta: { [META.serverInfo]: { name: 'files', version: '9', title: 'Files' } },
          }),
        ),
    });
    expect((await endpoint.post(hello())).last.result).toEqual({
      protocolVersion: '2025-11-25',
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: 'files', version: '9', title: 'Files' },
      instructions: 'Read this.',
    });
  });

  it.each<JsonObject>([{}, { _meta: {} }, { _meta: { [META.serverInfo]: { name: 'x' } } }, { _meta: [] }])(
    'names the gateway where the server has no name: %j',
    async (discovered) => {
      await using endpoint = await serve({ discover: () => Promise.resolve(result(discovered)) });
      expect((await endpoint.post(hello())).last.result).toEqual({
        protocolVersion: '2025-11-25',
        capabilities: {},
        serverInfo: { name: 'edge', version: '1.2.3' },
      });
    },
  );

  it.each<[string, () => Promise<Reply>, string]>([
    [
      'a failure',
      () => Promise.resolve(failure('server_start_failed', 'It says no.')),
      'server_start_failed',
    ],
    ['an exception', () => Promise.reject(new Error('canary')), 'internal_error'],
  ])('that ends in %s opens no session', async (_title, discover, reason) => {
    await using endpoint = await serve({ discover });
    const answer = await endpoint.post(hello());
    expect(answer.last).toMatchObject({ id: 'hello', error: { code: -32603, data: { reason } } });
    expect(answer.wire).not.toContain('canary');
    expect(answer.headers).not.toHaveProperty('mcp-session-id');
    expect(endpoint.inbound.sessions).toBe(0);
  });

  it('that nobody waits for any more opens no session', async () => {
    const greeted = new Waiting();
    await using endpoint = await serve({ discover: greeted.handle });
    const left = endpoint.begin({ body: JSON.stringify(hello()) });
    const { call, reply } = await greeted.next();
    const { session } = call;
    left.drop();
    await expect(left.answer).rejects.toThrow();
    for (let i = 0; i < 20; i++) await setImmediate();
    reply(result({ capabilities: {} }));
    for (let i = 0; i < 20; i++) await setImmediate();
    expect(endpoint.inbound.sessions).toBe(0);
    expect(session?.ended.cancelled).toBe(true);
  });

  it('opens a session of its own each time, under an id of visible ASCII that nobody can guess', async () => {
    await using endpoint = await serve();
    const ids = new Set<string>();
    for (let i = 0; i < 20; i++) ids.add((await endpoint.open())['mcp-session-id'] ?? '');
    expect(ids.size).toBe(20);
    // 122 random bits.
    for (const id of ids)
      expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });

  it('keeps what the client says of itself for all its calls', async () => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const said = {
      protocolVersion: '2025-06-18',
      capabilities: { roots: {} },
      clientInfo: { name: 'me', version: '1' },
    };
    const session = await endpoint.open(said, { 'x-test-principal': 'bob', 'x-test-scope': 'files' });
    await endpoint.post(request('tools/list'), session);
    expect(calls[0]).toMatchObject({
      principal: { id: 'bob' },
      scope: 'files',
      client: {
        era: 'legacy',
        protocolVersion: '2025-06-18',
        info: { name: 'me', version: '1' },
        capabilities: { roots: {} },
      },
    });
  });

  it.each<JsonObject>([
    { capabilities: null },
    { capabilities: [] },
    { clientInfo: 'me' },
    { capabilities: 'all' },
  ])('takes nothing from %j', async (said) => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    await endpoint.post(request('tools/list'), await endpoint.open(said));
    expect(calls[0]?.client.capabilities).toEqual({});
    if ('clientInfo' in said) expect(calls[0]?.client.info).toBeUndefined();
  });
});

describe('a session', () => {
  it.each(['GET', 'POST', 'DELETE'])('is needed for %s: 400', async (method) => {
    await using endpoint = await serve();
    const answer = await endpoint.send({
      method,
      ...(method === 'POST' && { body: JSON.stringify(request('ping')) }),
    });
    expect(answer).toMatchObject({ status: 400, last: { error: { data: { reason: 'session_required' } } } });
  });

  it.each(['nobody', '__proto__', 'constructor', 'hasOwnProperty', '0', 'x'.repeat(5000), '%00', ''])(
    '%j is none: 404, whatever is asked of it',
    async (id) => {
      const { endpoint, calls } = await recording();
      await using _ = endpoint;
      const headers = { 'mcp-session-id': id };
      for (const sent of [
        { method: 'GET' },
        { method: 'DELETE' },
        { body: JSON.stringify(request('tools/list')) },
      ])
        expect((await endpoint.send({ ...sent, headers })).status).toBe(404);
      expect(calls).toEqual([]);
    },
  );

  it.each([
    ['another principal', { 'x-test-principal': 'mallory' }],
    ['another endpoint', { 'x-test-scope': 'files' }],
  ])('does not exist for %s', async (_title, others) => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const session = await endpoint.open();
    const stolen = { ...session, ...others };
    for (const sent of [
      { method: 'GET' },
      { method: 'DELETE' },
      { body: JSON.stringify(request('tools/list')) },
      { body: JSON.stringify(notification('notifications/cancelled', { requestId: 1 })) },
      { body: JSON.stringify({ jsonrpc: '2.0', id: 1, result: {} }) },
    ])
      expect((await endpoint.send({ ...sent, headers: stolen })).status).toBe(404);
    expect(calls).toEqual([]);
    expect((await endpoint.post(request('ping'), session)).status).toBe(200);
  });

  it('of one server is not good for all of them', async () => {
    await using endpoint = await serve();
    const session = await endpoint.open({}, { 'x-test-scope': 'files' });
    expect((await endpoint.post(request('ping'), { ...session, 'x-test-scope': undefined })).status).toBe(
      404,
    );
    expect((await endpoint.post(request('ping'), { ...session, 'x-test-scope': 'other' })).status).toBe(404);
    expect((await endpoint.post(request('ping'), session)).status).toBe(200);
  });

  it('is over after DELETE, for its calls and its stream, too', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open();
    const stream = endpoint.begin({ method: 'GET', headers: session });
    expect(await stream.status).toBe(200);
    const underway = endpoint.begin({ headers: session, body: JSON.stringify(request('tools/list')) });
    const { call, reply } = await waiting.next();
    expect(await endpoint.send({ method: 'DELETE', headers: session })).toMatchObject({
      status: 204,
      wire: '',
    });
    expect(call.cancellation.cancelled).toBe(true);
    reply(failure('cancelled'));
    await underway.answer;
    await stream.answer;
    expect((await endpoint.send({ method: 'DELETE', headers: session })).status).toBe(404);
    expect((await endpoint.post(request('ping'), session)).status).toBe(404);
    expect(endpoint.inbound.sessions).toBe(0);
  });
});

describe('the version header', () => {
  it.each([undefined, '2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])(
    '%j is fine',
    async (version) => {
      await using endpoint = await serve();
      const headers = { ...(await endpoint.open()), 'mcp-protocol-version': version };
      expect((await endpoint.post(request('ping'), headers)).status).toBe(200);
    },
  );

  it.each(['1999-01-01', '2025-11-24', '2024-10-07', '0', ''])('%j is not: 400', async (version) => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const headers = { ...(await endpoint.open()), 'mcp-protocol-version': version };
    for (const sent of [
      { body: JSON.stringify(request('tools/list')) },
      { method: 'GET' },
      { method: 'DELETE' },
    ]) {
      const answer = await endpoint.send({ ...sent, headers });
      expect(answer).toMatchObject({ status: 400, last: { error: { data: { requested: version } } } });
    }
    expect(calls).toEqual([]);
    expect(endpoint.inbound.sessions).toBe(1);
  });
});

describe('a message that is no request', () => {
  it.each<[string, JsonObject]>([
    ['a notification', notification('notifications/initialized')],
    ['a notification nobody knows', notification('x/y', { deep: { z: 1 } })],
    ['a response', { jsonrpc: '2.0', id: 99, result: {} }],
    ['a response to nothing, with a name of an object', { jsonrpc: '2.0', id: '__proto__', result: {} }],
    ['an error response', { jsonrpc: '2.0', id: 1, error: { code: -1, message: 'no' } }],
    ['an error response without an id', { jsonrpc: '2.0', id: null, error: { code: -1, message: 'no' } }],
  ])('%s is taken: 202, and nothing is said', async (_title, message) => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const answer = await endpoint.post(message, await endpoint.open());
    expect(answer).toMatchObject({ status: 202, wire: '' });
    expect(calls).toEqual([]);
  });

  it.each<JsonObject>([
    { jsonrpc: '2.0', id: 1 },
    { jsonrpc: '2.0', id: 1, result: {}, error: { code: 1, message: 'm' } },
    { jsonrpc: '2.0', id: 1, error: { code: 'x', message: 'm' } },
    { jsonrpc: '2.0', id: 1, method: 5 },
    { jsonrpc: '2.0', id: 1, method: 'ping', params: [] },
    { jsonrpc: '2.0', id: 1, method: 'ping', params: 'x' },
    { jsonrpc: '2.0', id: 1, method: 'ping', result: {} },
    { id: 1, method: 'ping' },
  ])('%j is none at all: 400', async (message) => {
    await using endpoint = await serve();
    const answer = await endpoint.post(message, await endpoint.open());
    expect(answer).toMatchObject({ status: 400, last: { error: { code: -32600 } } });
  });
});

describe('what the edge answers by itself', () => {
  it('ping', async () => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const { last } = await endpoint.post(request('ping', undefined, 'p'), await endpoint.open());
    expect(last).toEqual({ jsonrpc: '2.0', id: 'p', result: {} });
    expect(calls).toEqual([]);
  });

  it('logging/setLevel, which counts for the calls that follow, in this session', async () => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const [mine, other] = [await endpoint.open(), await endpoint.open()];
    await endpoint.post(request('tools/list'), mine);
    expect((await endpoint.post(request('logging/setLevel', { level: 'error' }), mine)).last.result).toEqual(
      {},
    );
    await endpoint.post(request('tools/list'), mine);
    await endpoint.post(request('tools/list'), other);
    const [before, after, others] = calls.map(({ logLevel }) => logLevel);
    expect(after).toBe('error');
    expect(before).not.toBe('error');
    expect(others).toBe(before);
  });

  it.each<JsonObject>([{}, { level: 'loud' }, { level: 5 }, { level: null }, { level: 'constructor' }])(
    'logging/setLevel with %j: -32602, and the level stays',
    async (params) => {
      const { endpoint, calls } = await recording();
      await using _ = endpoint;
      const session = await endpoint.open();
      await endpoint.post(request('logging/setLevel', { level: 'alert' }), session);
      const answer = await endpoint.post(request('logging/setLevel', params), session);
      expect(answer).toMatchObject({ status: 200, last: { error: { code: -32602 } } });
      await endpoint.post(request('tools/list'), session);
      expect(calls[0]?.logLevel).toBe('alert');
    },
  );

  it.each(['server/discover', 'subscriptions/listen'])(
    '%s, which is newer than its clients: -32601',
    async (method) => {
      await using endpoint = await serve();
      const answer = await endpoint.post(request(method), await endpoint.open());
      expect(answer).toMatchObject({ status: 200, last: { id: 1, error: { code: -32601 } } });
    },
  );
});

describe('a reply', () => {
  it.each<[string, Reply]>([
    ['-32601', failure('method_not_found', 'x/y')],
    ['-32602', failure('unknown_tool')],
    ['-32603', failure('call_timeout')],
    ['a code of the server', { kind: 'failure', error: { code: 42, message: 'no', data: [1] } }],
  ])('that is an error, %s, comes in a 200', async (_title, reply) => {
    await using endpoint = await serve({ handle: () => Promise.resolve(reply) });
    const answer = await endpoint.post(request('tools/list', {}, 'id'), await endpoint.open());
    const { code, message, data } = reply.kind === 'failure' ? reply.error : {};
    expect(answer.status).toBe(200);
    expect(answer.last).toEqual({
      jsonrpc: '2.0',
      id: 'id',
      error: { code, message, ...(data && { data }) },
    });
  });

  it('that never comes, because something broke in the gateway, is -32603 without what broke', async () => {
    await using endpoint = await serve({ handle: () => Promise.reject(new Error('canary: /etc/secret')) });
    const answer = await endpoint.post(request('tools/list'), await endpoint.open());
    expect(answer.last).toMatchObject({ id: 1, error: { code: -32603, data: { reason: 'internal_error' } } });
    expect(answer.wire).not.toContain('canary');
  });

  it.each(['tools/list', 'resources/read'])(
    'of %s says nothing of caching, which is newer',
    async (method) => {
      const value = { a: 1, ttlMs: 5, nested: { ttlMs: 6 }, cacheScope: 'public' };
      await using endpoint = await serve({ handle: () => Promise.resolve(result(value)) });
      const { last } = await endpoint.post(request(method, { uri: 'x' }), await endpoint.open());
      expect(last.result).toEqual({ a: 1, nested: { ttlMs: 6 } });
    },
  );

  it('of a tool keeps members of these names: there they are its own', async () => {
    await using endpoint = await serve({ handle: () => Promise.resolve(result({ ttlMs: 5, content: [] })) });
    const { last } = await endpoint.post(request('tools/call', { name: 'x' }), await endpoint.open());
    expect(last.result).toEqual({ ttlMs: 5, content: [] });
  });
});

describe('a call', () => {
  it('carries its parameters without _meta, and of _meta what is not this connection’s', async () => {
    const { endpoint, calls } = await recording();
    await using _ = endpoint;
    const session = await endpoint.open();
    const meta = {
      progressToken: 0,
      traceparent: '00-1-2-01',
      'x.y/z': [1],
      'io.modelcontextprotocol/related-task': {},
    };
    await endpoint.post(request('tools/call', { name: 'x', arguments: { a: 1 }, _meta: meta }), session);
    await endpoint.post(request('tools/call', { name: 'x', _meta: 'none' }), session);
    expect(calls[0]?.params).toEqual({ name: 'x', arguments: { a: 1 } });
    expect(calls[0]?.meta).toEqual({ traceparent: '00-1-2-01', 'x.y/z': [1] });
    expect(calls.map(({ wantsProgress }) => wantsProgress)).toEqual([true, false]);
    expect(calls[1]?.meta).toBeUndefined();
  });

  it.each<JsonValue>([0, -3, '', 'token', 'é"'])(
    'is told of its progress under its token %j',
    async (progressToken) => {
      await using endpoint = await serve({
        handle: (call) => {
          call.notify({ method: 'notifications/progress', params: { progress: 1 } });
          return Promise.resolve(result({}));
        },
      });
      const sent = request('tools/call', { name: 'x', _meta: { progressToken } });
      const { messages } = await endpoint.post(sent, await endpoint.open());
      expect(messages[0]?.params).toEqual({ progress: 1, progressToken });
    },
  );

  it('may have the id of an earlier one, and of one in another session', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const [mine, other] = [await endpoint.open(), await endpoint.open()];
    for (const sessions of [[mine, other], [mine]]) {
      const body = JSON.stringify(request('tools/call', { name: 'x' }, 7));
      const underway = sessions.map((headers) => endpoint.begin({ headers, body }));
      const waited = [];
      for (const _ of sessions) waited.push(await waiting.next());
      waited.forEach(({ call, reply }) => reply(result({ mine: call.id })));
      const answers = await Promise.all(underway.map(({ answer }) => answer));
      expect(answers.map(({ last }) => last.id)).toEqual(sessions.map(() => 7));
      expect(new Set(answers.map(({ last }) => last.result?.['mine'])).size).toBe(sessions.length);
    }
  });

  it('goes on when its client goes away: that is not the wish to end it', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open();
    const underway = endpoint.begin({
      headers: session,
      body: JSON.stringify(request('tools/call', { name: 'x' })),
    });
    const { call, reply } = await waiting.next();
    call.notify({ method: 'notifications/message', params: {} });
    await underway.status;
    underway.drop();
    expect((await endpoint.post(request('ping'), session)).status).toBe(200);
    expect(call.cancellation.cancelled).toBe(false);
    call.notify({ method: 'notifications/message', params: {} });
    reply(result({}));
    expect((await endpoint.post(request('ping'), session)).status).toBe(200);
  });
});

describe('notifications/cancelled', () => {
  it('ends the call of this id, of this session, and no other', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const [mine, other] = [await endpoint.open(), await endpoint.open()];
    const begin = async (headers: Record<string, string>, id: JsonValue): Promise<Call> => {
      endpoint.begin({ headers, body: JSON.stringify(request('tools/call', { name: 'x' }, id)) });
      return (await waiting.next()).call;
    };
    const calls = [await begin(mine, 1), await begin(mine, '1'), await begin(mine, 2), await begin(other, 1)];
    endpoint.begin(modern('tools/call', { name: 'x' }, { id: 1 }));
    calls.push((await waiting.next()).call);
    const cancelled = (): boolean[] => calls.map(({ cancellation }) => cancellation.cancelled);
    for (const requestId of [3, '2', null, {}, [1], true, '__proto__'] as JsonValue[])
      expect((await endpoint.post(notification('notifications/cancelled', { requestId }), mine)).status).toBe(
        202,
      );
    expect(cancelled()).toEqual([false, false, false, false, false]);
    await endpoint.post(notification('notifications/cancelled', { requestId: 1, reason: 'enough' }), mine);
    expect(cancelled()).toEqual([true, false, false, false, false]);
    await endpoint.post(notification('notifications/cancelled', { requestId: '1' }), mine);
    expect(cancelled()).toEqual([true, true, false, false, false]);
  });

  it('of a call that is over ends nothing, nor the next one of that id', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open();
    const body = JSON.stringify(request('tools/call', { name: 'x' }));
    const first = endpoint.begin({ headers: session, body });
    const done = await waiting.next();
    done.reply(result({}));
    await first.answer;
    await endpoint.post(notification('notifications/cancelled', { requestId: 1 }), session);
    endpoint.begin({ headers: session, body });
    const { call } = await waiting.next();
    expect([done.call.cancellation.cancelled, call.cancellation.cancelled]).toEqual([false, false]);
  });

  it('finds every call of the id, should a client use it twice at once', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open();
    const body = JSON.stringify(request('tools/call', { name: 'x' }));
    const waited = [];
    for (const _ of [1, 2]) {
      endpoint.begin({ headers: session, body });
      waited.push(await waiting.next());
    }
    await endpoint.send({ method: 'DELETE', headers: session });
    expect(waited.map(({ call }) => call.cancellation.cancelled)).toEqual([true, true]);
  });
});

describe('a request that is refused', () => {
  // > Error responses MUST include the same ID as the request they correspond to  (basic/index)
  it.each<[string, JsonObject, Record<string, string>]>([
    ['without a session', {}, {}],
    ['with a session that is none', {}, { 'mcp-session-id': 'nobody' }],
    ['with a version that nobody knows', {}, { 'mcp-protocol-version': '1999-01-01' }],
    ['with members that no request has', { result: {} }, {}],
    ['with another JSON-RPC', { jsonrpc: '1.0' }, {}],
  ])('%s keeps its id', async (_title, more, headers) => {
    await using endpoint = await serve();
    for (const id of [7, 'seven', 'é"']) {
      const answer = await endpoint.post({ ...request('tools/list', {}, id), ...more }, headers);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.last).toMatchObject({ id, error: { code: expect.any(Number) } });
    }
  });

  it.each<JsonValue>([null, 1.5, {}, []])('with the id %j, which is none, has the id null', async (id) => {
    await using endpoint = await serve();
    expect((await endpoint.post(request('tools/list', {}, id))).last).toMatchObject({ id: null });
  });
});
