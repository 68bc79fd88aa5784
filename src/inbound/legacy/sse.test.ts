import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { result } from '../../core/reply.ts';
import {
  type Answer,
  type Endpoint,
  type Headers,
  type Message,
  serve,
  type Underway,
  Waiting,
} from '../testing.ts';

const HELLO = {
  protocolVersion: '2024-11-05',
  capabilities: { roots: {} },
  clientInfo: { name: 'old', version: '1' },
};

/** A client of the transport: its stream, and what it can do with it. */
class OldClient {
  readonly #endpoint: Endpoint;
  readonly #headers: Headers;
  readonly stream: Underway;
  path = '';

  private constructor(endpoint: Endpoint, headers: Headers) {
    this.#endpoint = endpoint;
    this.#headers = headers;
    this.stream = endpoint.begin({
      method: 'GET',
      path: '/sse',
      headers: { ...headers, accept: 'text/event-stream', 'content-type': undefined },
    });
  }

  static async connect(endpoint: Endpoint, headers: Headers = {}): Promise<OldClient> {
    const client = new OldClient(endpoint, headers);
    await client.until(() => client.stream.received().includes('\n\n'));
    client.path = /^event: endpoint\ndata: (.+)\n\n/.exec(client.stream.received())?.[1] ?? '';
    return client;
  }

  async greet(params: JsonObject = HELLO): Promise<Message> {
    await this.post({ jsonrpc: '2.0', id: 'hello', method: 'initialize', params });
    return this.answer('hello');
  }

  post(message: JsonValue, headers: Headers = {}): Promise<Answer> {
    const body = JSON.stringify(message);
    return this.#endpoint.send({ path: this.path, headers: { ...this.#headers, ...headers }, body });
  }

  call(id: number, method = 'tools/call'): Promise<Answer> {
    return this.post({ jsonrpc: '2.0', id, method, params: { name: 'x', _meta: { progressToken: id } } });
  }

  heard(): Message[] {
    const data = [...this.stream.received().matchAll(/^event: message\ndata: (.*)$/gm)];
    return data.map(([, json = '']) => JSON.parse(Buffer.from(json, 'latin1').toString('utf8')) as Message);
  }

  /** The answer to a request, as soon as it is on the stream. */
  async answer(id: number | string): Promise<Message> {
    const found = (): Message | undefined =>
      this.heard().find((message) => message.id === id && message.method === undefined);
    await this.until(() => found() !== undefined);
    return found() ?? {};
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await setImmediate();
  }
}

describe('GET /sse', () => {
  it('opens a stream that says first where to POST', async () => {
    await using endpoint = await serve();
    const client = await OldClient.connect(endpoint);
    expect(client.stream.received()).toMatch(
      /^event: endpoint\ndata: \/messages\?sessionId=[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\n\n$/,
    );
    client.stream.drop();
  });

  it('names the path that the client sees, below publicUrl and for one server', async () => {
    await using endpoint = await serve({ publicPath: '/tools' });
    const all = await OldClient.connect(endpoint);
    expect(all.path).toMatch(/^\/tools\/messages\?sessionId=/);
    const one = await OldClient.connect(endpoint, { 'x-test-scope': 'files' });
    expect(one.path).toMatch(/^\/tools\/servers\/files\/messages\?sessionId=/);
  });

  it('never gives the same session twice', async () => {
    await using endpoint = await serve();
    const clients = await Promise.all(Array.from({ length: 20 }, () => OldClient.connect(endpoint)));
    expect(new Set(clients.map(({ path }) => path)).size).toBe(20);
  });

  it('is not held back by proxies, and not for those who take no stream', async () => {
    await using endpoint = await serve();
    const refused = await endpoint.send({
      method: 'GET',
      path: '/sse',
      headers: { accept: 'application/json' },
    });
    expect(refused.status).toBe(406);
    const stream = await fetch(`http://127.0.0.1:${endpoint.port}/sse`);
    expect(Object.fromEntries(stream.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    endpoint.inbound.close();
    expect(await stream.text(), 'it ends when the gateway does').toMatch(/^event: endpoint\n/);
  });

  it.each(['POST', 'PUT', 'DELETE'])('is no place for %s: 405', async (method) => {
    await using endpoint = await serve();
    const answer = await endpoint.send({ method, path: '/sse', body: '{}' });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET']);
  });

  it('counts against the caps of sessions: 503 when they are all in use', async () => {
    await using endpoint = await serve({ sessions: { sessionsPerPrincipal: 2 } });
    const first = await OldClient.connect(endpoint);
    await OldClient.connect(endpoint);
    const third = await endpoint.send({ method: 'GET', path: '/sse' });
    expect([third.status, third.headers['retry-after']]).toEqual([503, '30']);
    first.stream.drop();
    await first.until(() => endpoint.inbound.sessions === 1);
    expect((await OldClient.connect(endpoint)).path).not.toBe('');
  });
});

describe('POST /messages', () => {
  it('is accepted, 202, and answered on the stream', async () => {
    await using endpoint = await serve({ handle: () => Promise.resolve(result({ text: 'über 😀' })) });
    const client = await OldClient.connect(endpoint);
    const greeting = await client.greet();
    expect(greeting.result).toMatchObject({ protocolVersion: '2024-11-05', serverInfo: { name: 'edge' } });
    const posted = await client.call(1);
    expect([posted.status, posted.wire]).toEqual([202, '']);
    expect(await client.answer(1)).toEqual({ jsonrpc: '2.0', result: { text: 'über 😀' }, id: 1 });
  });

  it('serves many calls at once on one stream, each with its own progress', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const client = await OldClient.connect(endpoint);
    await client.greet();
    await Promise.all([client.call(1), client.call(2)]);
    const calls = [await waiting.next(), await waiting.next()];
    for (const { call } of calls) call.notify({ method: 'notifications/progress', params: { progress: 1 } });
    for (const { reply } of calls) reply(result({}));
    await Promise.all([client.answer(1), client.answer(2)]);
    const tokens = client.heard().flatMap(({ params }) => params?.['progressToken'] ?? []);
    expect(new Set(tokens)).toEqual(new Set([1, 2]));
  });

  it('carries the answers to what the server asks', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const client = await OldClient.connect(endpoint);
    await client.greet();
    await client.call(1);
    (await waiting.next()).reply({
      kind: 'input_required',
      inputRequests: { q: { method: 'roots/list' } },
      requestState: 's',
    });
    const asked = (): Message | undefined => client.heard().find(({ method }) => method === 'roots/list');
    await client.until(() => asked() !== undefined);
    const id = Number(asked()?.id);
    expect((await client.post({ jsonrpc: '2.0', id, result: { roots: [] } })).status).toBe(202);
    const second = await waiting.next();
    expect(second.call.answers).toEqual({
      responses: new Map([['q', { result: { roots: [] } }]]),
      state: 's',
    });
    second.reply(result({ done: true }));
    expect((await client.answer(1)).result).toEqual({ done: true });
  });

  it('takes a batch from a client of 2025-03-26', async () => {
    await using endpoint = await serve();
    const client = await OldClient.connect(endpoint);
    await client.greet({ ...HELLO, protocolVersion: '2025-03-26' });
    const ping = { jsonrpc: '2.0', method: 'ping' };
    expect(
      (
        await client.post([
          { ...ping, id: 1 },
          { ...ping, id: 2 },
        ])
      ).status,
    ).toBe(202);
    await Promise.all([client.answer(1), client.answer(2)]);
  });

  it('waits for initialize, and takes it once', async () => {
    const seen: string[] = [];
    await using endpoint = await serve({
      handle: ({ method }) => {
        seen.push(method);
        return Promise.resolve(result({}));
      },
    });
    const client = await OldClient.connect(endpoint);
    await client.call(1);
    expect((await client.answer(1)).error?.code).toBe(-32600);
    await client.post({ jsonrpc: '2.0', id: 2, method: 'ping' });
    expect((await client.answer(2)).result).toEqual({});
    await client.greet();
    await client.post({ jsonrpc: '2.0', id: 3, method: 'initialize', params: HELLO });
    expect((await client.answer(3)).error?.code).toBe(-32600);
    expect(seen).toEqual([]);
  });

  it.each<[string, JsonValue]>([
    ['a number', 1],
    ['nothing', null],
    ['no JSON-RPC', { id: 1, method: 'ping' }],
    ['a batch', [{ jsonrpc: '2.0', id: 1, method: 'ping' }]],
  ])('is refused for %s: 400', async (_title, message) => {
    await using endpoint = await serve();
    const client = await OldClient.connect(endpoint);
    await client.greet();
    expect((await client.post(message)).status).toBe(400);
  });

  it('is JSON', async () => {
    await using endpoint = await serve();
    const client = await OldClient.connect(endpoint);
    expect((await client.post({}, { 'content-type': 'text/plain' })).status).toBe(415);
    const broken = await endpoint.send({ path: client.path, body: '{' });
    expect([broken.status, broken.last.error?.code]).toEqual([400, -32700]);
    expect((await endpoint.send({ method: 'GET', path: client.path })).status).toBe(405);
  });

  it('needs no Accept header: nothing comes back', async () => {
    await using endpoint = await serve();
    const client = await OldClient.connect(endpoint);
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    expect((await client.post(ping, { accept: undefined })).status).toBe(202);
  });
});

describe('a session of HTTP+SSE', () => {
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

  it('is its owner’s, at the endpoint it was opened at: to others it is not there', async () => {
    await using endpoint = await serve();
    const client = await OldClient.connect(endpoint);
    for (const headers of [{ 'x-test-principal': 'bob' }, { 'x-test-scope': 'files' }])
      expect((await client.post(ping, headers)).status).toBe(404);
    for (const path of [
      '/messages',
      '/messages?sessionId=',
      '/messages?sessionId=__proto__',
      `${client.path}0`,
    ])
      expect((await endpoint.send({ path, body: JSON.stringify(ping) })).status, path).toBe(404);
  });

  it('is none of Streamable HTTP, and the other way round', async () => {
    await using endpoint = await serve();
    const client = await OldClient.connect(endpoint);
    const id = client.path.split('=')[1];
    expect((await endpoint.post(ping, { 'mcp-session-id': id })).status).toBe(404);
    const session = await endpoint.open();
    const path = `/messages?sessionId=${session['mcp-session-id']}`;
    expect((await endpoint.send({ path, body: JSON.stringify(ping) })).status).toBe(404);
  });

  it('ends with its stream, and so do its calls', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const client = await OldClient.connect(endpoint);
    await client.greet();
    await client.call(1);
    const { call, reply } = await waiting.next();
    client.stream.drop();
    await client.until(() => endpoint.inbound.sessions === 0);
    expect(call.cancellation.cancelled).toBe(true);
    reply(result({}));
    expect((await client.post(ping)).status).toBe(404);
  });

  it('that ends while it is greeted leaves nothing that listens', async () => {
    const [greeting, listening] = [new Waiting(), new Waiting()];
    let listens = 0;
    await using endpoint = await serve({
      discover: greeting.handle,
      listen: (call) => {
        listens += 1;
        return listening.handle(call);
      },
    });
    const client = await OldClient.connect(endpoint);
    await client.post({ jsonrpc: '2.0', id: 'hello', method: 'initialize', params: HELLO });
    const { reply } = await greeting.next();
    client.stream.drop();
    await client.until(() => endpoint.inbound.sessions === 0);
    reply(result({ capabilities: {} }));
    await setImmediate();
    expect(listens).toBe(0);
  });

  it('is never taken for idle while its stream is open', async () => {
    await using endpoint = await serve({ sessions: { ttlMs: 20 } });
    const client = await OldClient.connect(endpoint);
    await client.greet();
    await new Promise((settle) => setTimeout(settle, 100));
    await client.post({ ...ping, id: 2 });
    expect((await client.answer(2)).result).toEqual({});
    client.stream.drop();
  });
});
