import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Body } from '../../core/body.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { META } from '../../core/protocol.ts';
import { failure, type Reply, result } from '../../core/reply.ts';
import { modern, serve, type ServeOptions, Waiting } from '../testing.ts';

const always = (reply: Reply): ServeOptions => ({ handle: () => Promise.resolve(reply) });
const SELF = { [META.serverInfo]: { name: 'edge', version: '1.2.3' } };

/** A large body, as it may have come in. */
function chunked(text: string): Body {
  const bytes = Buffer.from(text);
  return Body.chunks([bytes.subarray(0, 3), bytes.subarray(3)], bytes.length);
}

describe('a result', () => {
  it('says that it is complete, and who made it', async () => {
    await using endpoint = await serve(always(result({ content: [] })));
    const { last } = await endpoint.modern('tools/call', { name: 'x' });
    expect(last).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: { content: [], resultType: 'complete', _meta: SELF },
    });
  });

  it.each([
    'server/discover',
    'tools/list',
    'prompts/list',
    'resources/list',
    'resources/templates/list',
    'resources/read',
  ])('of %s says how long it is good for, and to whom', async (method) => {
    await using endpoint = await serve(always(result({ items: [] })));
    const { last } = await endpoint.modern(method, { uri: 'x:y' });
    expect(last.result).toMatchObject({ ttlMs: 0, cacheScope: 'private', resultType: 'complete' });
  });

  it.each(['tools/call', 'prompts/get', 'completion/complete'])('of %s does not', async (method) => {
    await using endpoint = await serve(always(result({})));
    const { last } = await endpoint.modern(method, { name: 'x' });
    expect(Object.keys(last.result ?? {}).sort()).toEqual(['_meta', 'resultType']);
  });

  it.each<[JsonObject, JsonObject]>([
    [{ ttlMs: 5000 }, { ttlMs: 5000, cacheScope: 'private' }],
    [{ cacheScope: 'public' }, { ttlMs: 0, cacheScope: 'public' }],
    [
      { ttlMs: 1, cacheScope: 'public' },
      { ttlMs: 1, cacheScope: 'public' },
    ],
    [{ tools: [{ ttlMs: 9, cacheScope: 'public' }] }, { ttlMs: 0, cacheScope: 'private' }],
  ])('that says %j of itself is good for %j', async (own, expected) => {
    for (const body of [Body.value(own), Body.wire(JSON.stringify(own)), chunked(JSON.stringify(own))]) {
      await using endpoint = await serve(always({ kind: 'result', body }));
      const { last, wire } = await endpoint.modern('tools/list');
      expect(last.result).toMatchObject({ ...own, ...expected });
      expect(wire.match(/"ttlMs"/g)).toHaveLength('tools' in own ? 2 : 1);
    }
  });

  it('keeps the _meta of the server, every bit of it', async () => {
    const text =
      '{"_meta":{"vendor/x":1.0,"io.modelcontextprotocol/serverInfo":{"name":"server","version":"9"}}}';
    await using endpoint = await serve(always({ kind: 'result', body: Body.wire(text) }));
    const { last, wire } = await endpoint.modern('tools/call', { name: 'x' });
    expect(wire).toContain(text.slice(1, -1));
    expect(wire.match(/"_meta"/g)).toHaveLength(1);
    expect(last.result).toMatchObject(JSON.parse(text));
  });

  it.each<JsonObject>([
    { content: [{ type: 'text', text: 'x', _meta: { deep: true } }] },
    { content: [{ type: 'text', text: 'the word "_meta" in a text' }] },
  ])('with a _meta further in still says who made it: %j', async (value) => {
    await using endpoint = await serve(always({ kind: 'result', body: Body.wire(JSON.stringify(value)) }));
    const { last } = await endpoint.modern('tools/call', { name: 'x' });
    expect(last.result).toEqual({ ...value, resultType: 'complete', _meta: SELF });
  });

  it.each(['{}', ' { } ', '{"a":1}\n'])('of %j gets its members in the right place', async (text) => {
    for (const body of [Body.wire(text.trim()), chunked(text.trim())]) {
      await using endpoint = await serve(always({ kind: 'result', body }));
      expect((await endpoint.modern('tools/call', { name: 'x' })).last.result).toMatchObject({
        ...JSON.parse(text),
        resultType: 'complete',
      });
    }
  });

  it('that asks says so, with the questions and the state', async () => {
    const inputRequests = { q: { method: 'elicitation/create', params: { message: '?' } } };
    for (const requestState of ['state', undefined]) {
      await using endpoint = await serve(
        always({ kind: 'input_required', inputRequests, ...(requestState && { requestState }) }),
      );
      const { last, status } = await endpoint.modern('tools/call', { name: 'x' });
      expect(status).toBe(200);
      expect(last.result).toMatchObject({ resultType: 'input_required', inputRequests });
      // Who answered SHOULD be said in every result (basic/index).
      expect(last.result?.['_meta']).toEqual({ [META.serverInfo]: { name: 'edge', version: '1.2.3' } });
      expect(last.result?.['requestState']).toBe(requestState);
    }
  });

  it('opens no session, and whatever session a request names is nothing', async () => {
    await using endpoint = await serve();
    const session = await endpoint.open();
    for (const headers of [{}, session, { 'mcp-session-id': 'nobody', 'last-event-id': '1' }]) {
      const answer = await endpoint.modern('tools/list', {}, { headers });
      expect(answer.status).toBe(200);
      expect(answer.headers).not.toHaveProperty('mcp-session-id');
    }
    expect(endpoint.inbound.sessions).toBe(1);
  });
});

describe('an error', () => {
  it.each<[string, Reply, number]>([
    ['method_not_found', failure('method_not_found', 'x/y'), 404],
    ['-32601 of a server', { kind: 'failure', error: { code: -32601, message: 'no' } }, 404],
    ['missing_capability', failure('missing_capability'), 400],
    ['unknown_tool', failure('unknown_tool'), 200],
    ['call_timeout', failure('call_timeout'), 200],
    ['-32602 of a server', { kind: 'failure', error: { code: -32602, message: 'no' } }, 200],
    ['a code of a server', { kind: 'failure', error: { code: 42, message: 'no', data: { a: [1] } } }, 200],
    ['no_such_server', failure('no_such_server'), 404],
    ['shutting_down', failure('shutting_down'), 503],
  ])('%s comes with its status, its id and its data', async (_title, reply, status) => {
    await using endpoint = await serve(always(reply));
    const answer = await endpoint.modern('tools/call', { name: 'x' }, { id: 'id' });
    const { code, message, data } = reply.kind === 'failure' ? reply.error : {};
    expect(answer.status).toBe(status);
    expect(answer.last).toEqual({
      jsonrpc: '2.0',
      id: 'id',
      error: { code, message, ...(data !== undefined && { data }) },
    });
  });

  it('in the gateway itself is a 500 that keeps what happened to itself', async () => {
    await using endpoint = await serve({ handle: () => Promise.reject(new Error('canary: /etc/secret')) });
    const answer = await endpoint.modern('tools/call', { name: 'x' }, { id: 3 });
    expect(answer.status).toBe(500);
    expect(answer.last).toMatchObject({ id: 3, error: { code: -32603 } });
    expect(answer.wire).not.toContain('canary');
  });
});

describe('a notification', () => {
  it.each<[string, JsonValue]>([
    ['with an envelope', { _meta: { [META.protocolVersion]: '2026-07-28', [META.clientCapabilities]: {} } }],
    ['without one', {}],
  ])('%s is taken: 202, and nothing is said', async (_title, params) => {
    await using endpoint = await serve();
    const answer = await endpoint.post(
      { jsonrpc: '2.0', method: 'notifications/cancelled', params },
      { 'mcp-protocol-version': '2026-07-28' },
    );
    expect(answer).toMatchObject({ status: 202, wire: '' });
  });
});

describe('what is said during a call', () => {
  it.each<JsonValue>([0, 7, -1, '', 'token', '__proto__', 9_007_199_254_740_991])(
    'progress carries the token %j that the client gave',
    async (progressToken) => {
      await using endpoint = await serve({
        handle: (call) => {
          call.notify({ method: 'notifications/progress', params: { progress: 1, total: 2 } });
          call.notify({ method: 'notifications/message', params: { level: 'info', data: 'x' } });
          return Promise.resolve(result({ wants: call.wantsProgress }));
        },
      });
      const { messages } = await endpoint.modern('tools/call', { name: 'x' }, { meta: { progressToken } });
      expect(messages.map(({ method, params, result: end }) => [method, params ?? end?.['wants']])).toEqual([
        ['notifications/progress', { progress: 1, total: 2, progressToken }],
        ['notifications/message', { level: 'info', data: 'x' }],
        [undefined, true],
      ]);
    },
  );

  it.each<JsonValue>([null, true, {}, [], 1.5])('%j is no progress token', async (progressToken) => {
    await using endpoint = await serve({
      handle: (call) => Promise.resolve(result({ wants: call.wantsProgress })),
    });
    const { last } = await endpoint.modern('tools/call', { name: 'x' }, { meta: { progressToken } });
    expect(last.result).toMatchObject({ wants: false });
  });

  it('reaches the call it was said in, and no other with the same id', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const sent = modern('tools/call', { name: 'x' }, { id: 1, meta: { progressToken: 1 } });
    const both = [endpoint.begin(sent), endpoint.begin(sent)];
    const calls = [await waiting.next(), await waiting.next()];
    calls.forEach(({ call }, i) =>
      call.notify({ method: 'notifications/progress', params: { progress: i } }),
    );
    calls.forEach(({ reply }, i) => reply(result({ i })));
    const answers = await Promise.all(both.map(({ answer }) => answer));
    for (const { messages, last } of answers) {
      expect(messages).toHaveLength(2);
      expect(messages[0]?.params?.['progress']).toBe(last.result?.['i']);
    }
    expect(new Set(answers.map(({ last }) => last.result?.['i']))).toEqual(new Set([0, 1]));
  });
});

describe('a client that closes its connection', () => {
  it.each([false, true])('has cancelled its call, after something was said: %s', async (said) => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const underway = endpoint.begin(modern('tools/call', { name: 'x' }));
    const other = endpoint.begin(modern('tools/call', { name: 'x' }));
    const first = await waiting.next();
    const second = await waiting.next();
    if (said) {
      first.call.notify({ method: 'notifications/message', params: {} });
      second.call.notify({ method: 'notifications/message', params: {} });
      await underway.status;
      await other.status;
    }
    const cancelled = new Promise<string>((resolve) => {
      for (const { call } of [first, second]) call.cancellation.onCancel(resolve);
    });
    underway.drop();
    expect(await cancelled).toContain('closed');
    const [gone, here] = first.call.cancellation.cancelled ? [first, second] : [second, first];
    expect(here.call.cancellation.cancelled).toBe(false);
    // What comes too late goes nowhere, and hurts nobody.
    gone.call.notify({ method: 'notifications/message', params: {} });
    gone.reply(result({}));
    here.reply(result({ mine: true }));
    expect((await other.answer).last.result).toMatchObject({ mine: true });
  });

  it('has cancelled nothing when it has its answer', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const underway = endpoint.begin(modern('tools/call', { name: 'x' }));
    const { call, reply } = await waiting.next();
    reply(result({}));
    await underway.answer;
    underway.drop();
    await endpoint.modern('tools/call', { name: 'x' }, { headers: { 'mcp-name': 'other' } });
    expect(call.cancellation.cancelled).toBe(false);
  });
});

describe('subscriptions/listen', () => {
  it.each<JsonValue>([0, 7, 'listen', 'é"'])('carries its id, %j, on everything that is said', async (id) => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const underway = endpoint.begin(modern('subscriptions/listen', { notifications: {} }, { id }));
    const { call, reply } = await waiting.next();
    const notifications = { toolsListChanged: true };
    call.notify({ method: 'notifications/subscriptions/acknowledged', params: { notifications } });
    call.notify({ method: 'notifications/resources/updated', params: { uri: 'x:y', title: 'T' } });
    expect(await underway.status).toBe(200);
    reply(result({}));
    const { messages, last } = await underway.answer;
    const tag = { [META.subscriptionId]: id };
    expect(messages.slice(0, -1).map(({ method, params }) => [method, params])).toEqual([
      ['notifications/subscriptions/acknowledged', { notifications, _meta: tag }],
      ['notifications/resources/updated', { uri: 'x:y', title: 'T', _meta: tag }],
    ]);
    expect(last).toMatchObject({
      id,
      result: { resultType: 'complete', _meta: { ...tag, [META.serverInfo]: { name: 'edge' } } },
    });
  });

  it('ends when its client goes away', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const underway = endpoint.begin(modern('subscriptions/listen', { notifications: {} }));
    const { call } = await waiting.next();
    const cancelled = new Promise((resolve) => {
      call.cancellation.onCancel(resolve);
    });
    underway.drop();
    await cancelled;
  });
});

describe('a client that does not read', () => {
  it('is cut off when too much waits for it, and has cancelled its call so', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const { body = '', headers = {} } = modern('tools/call', { name: 'x' });
    const usual = {
      host: 'x',
      accept: '*/*',
      'content-type': 'application/json',
      'content-length': body.length,
    };
    const lines = Object.entries({ ...usual, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    const socket = connect(endpoint.port, '127.0.0.1').pause();
    socket.on('error', () => {}).write(`POST /mcp HTTP/1.1\r\n${lines.join('')}\r\n${body.toString()}`);
    const { call } = await waiting.next();
    const data = 'x'.repeat(1_000_000);
    let said = 0;
    while (!call.cancellation.cancelled && said < 200) {
      call.notify({ method: 'notifications/message', params: { level: 'info', data } });
      said += 1;
      await new Promise(setImmediate);
    }
    socket.destroy();
    expect(call.cancellation.cancelled).toBe(true);
    expect(said).toBeGreaterThan(8);
    expect(said).toBeLessThan(100);
  });
});
