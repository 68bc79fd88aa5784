import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Body } from '../core/body.ts';
import type { Call } from '../core/call.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { failure, type Reply, result } from '../core/reply.ts';
import { QUIET_MS } from './exchange.ts';
import {
  type Endpoint,
  modern,
  type Sent,
  serve,
  type ServeOptions,
  type Underway,
  Waiting,
} from './testing.ts';

type Era = 'modern' | 'legacy';
const ERAS: readonly Era[] = ['modern', 'legacy'];

/** A call of either era, ready to be sent. */
async function request(
  endpoint: Endpoint,
  era: Era,
  method = 'tools/call',
  id: JsonValue = 1,
  params: JsonObject = { name: 'x', uri: 'x:y' },
): Promise<Sent> {
  if (era === 'modern') return modern(method, params, { id });
  return { headers: await endpoint.open(), body: JSON.stringify({ jsonrpc: '2.0', id, method, params }) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

const said = (params: JsonObject, method = 'notifications/message'): Parameters<Call['notify']>[0] => ({
  method,
  params,
});

/** Always the same body, as JSON or at the end of a stream. */
function replying(body: Body, streamed: boolean): ServeOptions {
  return {
    handle: (call) => {
      if (streamed) call.notify(said({ data: 1 }));
      return Promise.resolve({ kind: 'result', body });
    },
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe.each(ERAS)('an answer to a %s client', (era) => {
  it('is JSON when nothing was said before it', async () => {
    await using endpoint = await serve({ handle: () => Promise.resolve(result({ text: 'über 😀' })) });
    const answer = await endpoint.send(await request(endpoint, era));
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers['content-length']).toBe(String(answer.wire.length));
    expect(answer.last.result).toMatchObject({ text: 'über 😀' });
  });

  it('is an event stream when something was, in that order, with the result at its end', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const underway = endpoint.begin(await request(endpoint, era));
    const { call, reply } = await waiting.next();
    for (let i = 0; i < 100; i++) call.notify(said({ data: i }));
    expect(await underway.status, 'the head does not wait for the result').toBe(200);
    await until(() => underway.received().includes('"data":99'));
    reply(result({ end: true }));
    const answer = await underway.answer;
    expect(answer.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    expect(answer.messages.slice(0, -1).map(({ params }) => params?.['data'])).toEqual([
      ...Array(100).keys(),
    ]);
    expect(answer.last).toMatchObject({ id: 1, result: { end: true } });
  });

  it('says an error in the stream once there is one', async () => {
    await using endpoint = await serve({
      handle: (call) => {
        call.notify(said({ data: 1 }));
        return Promise.resolve(failure('method_not_found', 'x/y'));
      },
    });
    const answer = await endpoint.send(await request(endpoint, era, 'tools/call', 'é"\n'));
    expect(answer).toMatchObject({ status: 200, streamed: true });
    expect(answer.last).toMatchObject({ id: 'é"\n', error: { code: -32601 } });
  });

  it('ends with the result: what is said later is heard by nobody', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const underway = endpoint.begin(await request(endpoint, era));
    const { call, reply } = await waiting.next();
    call.notify(said({ data: 'before' }));
    reply(result({}));
    await Promise.resolve();
    call.notify(said({ data: 'after' }));
    const { wire } = await underway.answer;
    call.notify(said({ data: 'long after' }));
    expect(wire).toContain('before');
    expect(wire).not.toContain('after');
  });

  it('cannot be forged from inside: neither by a notification nor by a result', async () => {
    const evil = 'x\n\ndata: {"jsonrpc":"2.0","id":1,"result":"forged"}\r\rdata: y\u2028';
    const handle = (call: Call): Promise<Reply> => {
      call.notify(said({ data: evil }, `n/${evil}`));
      return Promise.resolve(result({ [evil]: evil }));
    };
    await using endpoint = await serve({ handle });
    const { messages, wire } = await endpoint.send(await request(endpoint, era));
    expect(messages).toHaveLength(2);
    expect(messages[0]?.method).toBe(`n/${evil}`);
    expect(messages[1]?.result).toMatchObject({ [evil]: evil });
    expect(wire).not.toContain('\r');
  });
});

describe.each(ERAS)('the id of a %s client', (era) => {
  it.each<JsonValue>([
    0,
    -1,
    9_007_199_254_740_991,
    -9_007_199_254_740_991,
    '',
    '0',
    'a b',
    '"quoted" \\ back',
    '이름 😀',
    '\u0000\n\r\t\u2028',
    '__proto__',
    'null',
    '"id":null',
    '$& $1 $`',
    'x'.repeat(1000),
  ])('%j comes back as it was: in JSON, in a stream, with an error, with many bytes', async (id) => {
    const big = [Buffer.from('{"a":"'), Buffer.alloc(50_000, 'x'), Buffer.from('"}')];
    const handle = (call: Call): Promise<Reply> => {
      const { name } = call.params;
      if (name === 'say') call.notify(said({ data: 1 }));
      if (name === 'fail') return Promise.resolve(failure('unknown_tool', '"id":null'));
      return Promise.resolve(
        name === 'big' ? { kind: 'result', body: Body.chunks(big, 50_008) } : result({}),
      );
    };
    await using endpoint = await serve({ handle });
    for (const name of ['plain', 'say', 'fail', 'big']) {
      const { last } = await endpoint.send(await request(endpoint, era, 'tools/call', id, { name }));
      expect(last.id, name).toBe(id);
    }
  });

  it.each(['null', '1.5', '9007199254740993', '1e400', 'true', '{}', '[]'])(
    '%s is none: 400, and nothing is called',
    async (id) => {
      const calls: Call[] = [];
      await using endpoint = await serve({
        handle: (call) => {
          calls.push(call);
          return Promise.resolve(result({}));
        },
      });
      const { body, ...rest } = await request(endpoint, era, 'tools/list', 'HERE');
      const answer = await endpoint.send({ ...rest, body: body?.toString().replace('"HERE"', id) ?? '' });
      expect(answer.status).toBe(400);
      expect(answer.last.error?.code).toBe(-32600);
      expect(calls).toEqual([]);
    },
  );
});

describe.each(ERAS)('the bytes of a result for a %s client', (era) => {
  const TEXTS = [
    '{"number":1.0,"big":123456789012345678901234567890,"small":1e-7}',
    '{ "spaces" : [ 1 , 2 ] }',
    '{"escapes":"\\u00e9\\/\\ud83d\\ude00","raw":"é😀\u2028"}',
    '{"twice":1,"twice":2}',
    '{"__proto__":{"polluted":true},"constructor":null}',
    '{"lone":"\\ud800"}',
    '{"id":99,"jsonrpc":"1.0","error":{}}',
  ];

  it.each(TEXTS)('are those of the server: %s', async (text) => {
    const bytes = Buffer.from(text).toString('latin1');
    for (const streamed of [false, true]) {
      await using endpoint = await serve(replying(Body.wire(bytes), streamed));
      const { wire, ...answer } = await endpoint.send(await request(endpoint, era));
      expect(answer.streamed).toBe(streamed);
      expect(wire).toContain(era === 'legacy' ? bytes : bytes.slice(0, -1).trimEnd());
      expect(answer.last.id).toBe(1);
    }
  });

  it.each([1, 7, 1000, 65_536])('are passed on in the chunks they came in, of %i bytes', async (size) => {
    const length = size === 1 ? 2000 : 300_000;
    const all = Buffer.from(`{"text":"${'é😀 x'.repeat(length / 9)}","n":1.0}`);
    const chunks: Buffer[] = [];
    for (let i = 0; i < all.length; i += size) chunks.push(all.subarray(i, i + size));
    for (const streamed of [false, true]) {
      await using endpoint = await serve(replying(Body.chunks(chunks, all.length), streamed));
      const answer = await endpoint.send(await request(endpoint, era));
      expect(answer.streamed).toBe(streamed);
      const expected = all.toString('latin1').slice(0, era === 'legacy' ? undefined : -1);
      expect(answer.wire.includes(expected)).toBe(true);
      expect(answer.last.id).toBe(1);
      if (!streamed) expect(answer.headers['content-length']).toBe(String(answer.wire.length));
    }
  });

  it('hold no carriage return on a stream, where it would end a line', async () => {
    const chunks = ['{"a":1,\r', '\r"b":[\r2]', '\r}'].map((text) => Buffer.from(text));
    const size = chunks.reduce((sum, { length }) => sum + length, 0);
    for (const body of [Body.chunks(chunks, size), Body.wire(chunks.join(''))]) {
      await using endpoint = await serve(replying(body, true));
      const answer = await endpoint.send(await request(endpoint, era));
      expect(answer.wire).not.toContain('\r');
      expect(answer.last.result).toMatchObject({ a: 1, b: [2] });
    }
  });
});

/** A large result of these bytes. */
function chunked(text: string): Reply {
  const bytes = Buffer.from(text);
  return { kind: 'result', body: Body.chunks([bytes], bytes.length) };
}

describe.each(ERAS)('a reply that cannot be given to a %s client', (era) => {
  const deep = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as JsonValue;

  it.each<[string, Reply]>([
    ['a result', result({ deep })],
    ['an error', { kind: 'failure', error: { code: 1, message: 'm', data: deep } }],
    [
      'a question',
      { kind: 'input_required', inputRequests: { q: { method: 'roots/list', params: { deep } } } },
    ],
  ])(
    'because it is %s nested too deep: the client is told, and the next one is served',
    async (_title, reply) => {
      await using endpoint = await serve({
        handle: (call) => Promise.resolve(call.params['uri'] === 'good' ? result({}) : reply),
      });
      const bad = await endpoint.send(await request(endpoint, era, 'resources/read', 1, { uri: 'bad' }));
      expect(bad.last).toMatchObject({ id: 1, error: { code: -32603 } });
      const good = await endpoint.send(await request(endpoint, era, 'resources/read', 2, { uri: 'good' }));
      expect(good.last.result).toBeDefined();
    },
  );

  it.each<[string, Reply]>([
    ['no JSON', chunked(`{"contents":[],"ttlMs" ${'x'.repeat(1000)}}`)],
    ['no object', { kind: 'result', body: Body.wire('["ttlMs"]') }],
    ['half of one', chunked('{"ttlMs":1,"cacheScope":"pub')],
    ['nested too deep', chunked(`{"ttlMs":1,"contents":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)],
  ])(
    'because its bytes are %s: it gets them or an error, and the next one is served',
    async (_title, reply) => {
      await using endpoint = await serve({
        handle: (call) => Promise.resolve(call.params['uri'] === 'good' ? result({}) : reply),
      });
      const sent = await request(endpoint, era, 'resources/read', 1, { uri: 'bad' });
      const underway = endpoint.begin(sent);
      expect(await underway.status).toBe(200);
      await underway.answer.catch(() => {});
      expect(underway.received()).toMatch(/^\{"jsonrpc":"2\.0",/);
      const good = await endpoint.send(await request(endpoint, era, 'resources/read', 2, { uri: 'good' }));
      expect(good.last.result).toBeDefined();
    },
  );

  it('a notification nested too deep is left out, and the call goes on', async () => {
    await using endpoint = await serve({
      handle: (call) => {
        call.notify(said({ data: deep }));
        call.notify(said({ data: 'shallow' }));
        return Promise.resolve(result({}));
      },
    });
    const { messages } = await endpoint.send(await request(endpoint, era));
    expect(messages.map(({ params }) => params?.['data'])).toEqual(['shallow', undefined]);
  });
});

describe.each(ERAS)('a quiet call of a %s client', (era) => {
  const COMMENT = /^:.*\n\n/gm;

  async function quiet(): Promise<{ endpoint: Endpoint; underway: Underway; reply: (reply: Reply) => void }> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    const waiting = new Waiting();
    const endpoint = await serve({ handle: waiting.handle, sessions: { ttlMs: 100 * QUIET_MS } });
    const underway = endpoint.begin(await request(endpoint, era));
    const { reply } = await waiting.next();
    return { endpoint, underway, reply };
  }

  it('gets a sign of life each time nothing was said for a while', async () => {
    const { endpoint, underway, reply } = await quiet();
    await using _ = endpoint;
    for (let i = 1; i <= 3; i++) {
      vi.advanceTimersByTime(QUIET_MS);
      await until(() => (underway.received().match(COMMENT) ?? []).length === i);
    }
    reply(result({ late: true }));
    const answer = await underway.answer;
    expect(answer.streamed).toBe(true);
    expect(answer.messages).toHaveLength(1);
    expect(answer.last.result).toMatchObject({ late: true });
    vi.advanceTimersByTime(10 * QUIET_MS);
  });

  it('is JSON until then', async () => {
    const { endpoint, underway, reply } = await quiet();
    await using _ = endpoint;
    vi.advanceTimersByTime(QUIET_MS - 1);
    reply(result({}));
    expect((await underway.answer).streamed).toBe(false);
  });

  it('leaves no timer behind when its client goes away', async () => {
    const { endpoint, underway, reply } = await quiet();
    const before = vi.getTimerCount();
    underway.drop();
    await until(() => vi.getTimerCount() === before - 1);
    vi.advanceTimersByTime(10 * QUIET_MS);
    reply(result({}));
    await endpoint[Symbol.asyncDispose]();
  });
});
