import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Body } from '../../core/body.ts';
import type { Call } from '../../core/call.ts';
import type { Handler } from '../../core/handler.ts';
import type { JsonObject } from '../../core/json.ts';
import { result } from '../../core/reply.ts';
import { type Answer, type Endpoint, type Headers, serve, type Underway, Waiting } from '../testing.ts';

const VERSIONS = ['2025-03-26', '2025-06-18', '2025-11-25'];
const GREETED = { jsonrpc: '2.0', method: 'notifications/initialized' };

const said = (data: number | string): Parameters<Call['notify']>[0] => ({
  method: 'notifications/message',
  params: { data },
});

/** Says three things before it answers. */
const chatty: Handler = (called) => {
  for (const data of [0, 1, 2]) called.notify(said(data));
  return Promise.resolve(result({}));
};

/** The ids of the events in a stream, in order. */
function idsOf(wire: string): string[] {
  return [...wire.matchAll(/^id: (.*)$/gm)].map(([, id = '']) => id);
}

/** What was said in the events, in order: the data of messages, `result` for the end. */
function dataOf({ messages }: Answer): unknown[] {
  return messages.map(
    ({ params, result: end, error }) => params?.['data'] ?? (end && 'result') ?? error?.code,
  );
}

const call = (id: number | string, params: JsonObject = { name: 'x' }): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

function resume(endpoint: Endpoint, session: Headers, id: string): Underway {
  return endpoint.begin({ method: 'GET', headers: { ...session, 'last-event-id': id } });
}

/** A call that has said 0, 1 and 2, and whose client has lost its connection then. */
async function dropped(
  endpoint: Endpoint,
  waiting: Waiting,
  session: Headers,
  id = 1,
): Promise<{ ids: string[]; waited: Awaited<ReturnType<Waiting['next']>> }> {
  const underway = endpoint.begin({ headers: session, body: call(id) });
  const waited = await waiting.next();
  for (const data of [0, 1, 2]) waited.call.notify(said(data));
  await until(() => underway.received().includes('"data":2'));
  underway.drop();
  return { ids: idsOf(underway.received()), waited };
}

describe.each(VERSIONS)('the events of a stream of %s', (protocolVersion) => {
  it('have ids of which no two are the same in a session', async () => {
    await using endpoint = await serve({ handle: chatty });
    const session = await endpoint.open({ protocolVersion });
    const answers = await Promise.all(
      [1, 2, 3].map((id) => endpoint.send({ headers: session, body: call(id) })),
    );
    const ids = answers.flatMap(({ wire }) => idsOf(wire));
    expect(ids.length).toBeGreaterThanOrEqual(12);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('begin with an empty one for clients since 2025-11-25 only: others would read it as a message', async () => {
    await using endpoint = await serve({ handle: chatty });
    const session = await endpoint.open({ protocolVersion });
    const { wire } = await endpoint.send({ headers: session, body: call(1) });
    const [first = ''] = wire.split('\n\n');
    if (protocolVersion === '2025-11-25') expect(first).toMatch(/^id: \S+\nretry: \d+\ndata:$/);
    else expect(first).toMatch(/^id: \S+\nevent: message\ndata: \{/);
    const stream = endpoint.begin({ method: 'GET', headers: session });
    expect(await stream.status).toBe(200);
    if (protocolVersion === '2025-11-25') await until(() => stream.received().includes('\n\n'));
    expect(/^data:$/m.test(stream.received())).toBe(protocolVersion === '2025-11-25');
    stream.drop();
  });

  it('wait for a client that comes back while the call is under way, and then it hears the rest', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open({ protocolVersion });
    const { ids, waited } = await dropped(endpoint, waiting, session);
    waited.call.notify(said('while away'));
    const back = resume(endpoint, session, ids.at(-3) ?? '');
    await until(() => back.received().includes('while away'));
    waited.call.notify(said('back again'));
    waited.reply(result({}));
    const answer = await back.answer;
    expect(answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    expect(dataOf(answer)).toEqual([1, 2, 'while away', 'back again', 'result']);
    expect(answer.last.id).toBe(1);
    expect(waited.call.cancellation.cancelled, 'a disconnect is not a cancel').toBe(false);
  });

  it('wait for a client that comes back after the end', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open({ protocolVersion });
    const { ids, waited } = await dropped(endpoint, waiting, session);
    waited.reply(result({ text: 'über' }));
    const answer = await resume(endpoint, session, ids.at(-1) ?? '').answer;
    expect(answer.messages).toEqual([{ jsonrpc: '2.0', result: { text: 'über' }, id: 1 }]);
    const again = await resume(endpoint, session, ids.at(-1) ?? '').answer;
    expect(again.wire, 'as often as it wants').toBe(answer.wire);
  });

  it('are no longer waited for once the client has seen the last: 204', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open({ protocolVersion });
    const { ids, waited } = await dropped(endpoint, waiting, session);
    waited.reply(result({}));
    const { wire } = await resume(endpoint, session, ids.at(-1) ?? '').answer;
    const end = await resume(endpoint, session, idsOf(wire).at(-1) ?? '').answer;
    expect([end.status, end.wire]).toEqual([204, '']);
  });
});

describe('Last-Event-ID', () => {
  it('gives back that stream alone, of several that broke', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open();
    const one = await dropped(endpoint, waiting, session, 1);
    const two = await dropped(endpoint, waiting, session, 2);
    one.waited.reply(result({ of: 1 }));
    two.waited.reply(result({ of: 2 }));
    const { messages } = await resume(endpoint, session, two.ids.at(-1) ?? '').answer;
    expect(messages).toEqual([{ jsonrpc: '2.0', result: { of: 2 }, id: 2 }]);
  });

  it('that is not of this session is refused, whoever asks: 400, and nothing of it is shown', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const alice = await endpoint.open();
    const { ids, waited } = await dropped(endpoint, waiting, alice);
    waited.reply(result({ secret: 'of alice' }));
    const bob = await endpoint.open({}, { 'x-test-principal': 'bob' });
    const other = await endpoint.open();
    // Each has a stream of its own, so that a store is there to be looked into.
    for (const session of [bob, other]) await dropped(endpoint, waiting, session);
    for (const session of [bob, other])
      for (const id of ids) {
        const answer = await resume(endpoint, session, id).answer;
        expect([answer.status, answer.last.error?.code]).toEqual([400, -32600]);
        expect(answer.wire).not.toContain('alice');
      }
    const stolen = await resume(endpoint, { ...alice, 'x-test-principal': 'bob' }, ids[0] ?? '').answer;
    expect(stolen.status, 'the session is not even there for bob').toBe(404);
  });

  it.each(['', '0', 'x', '__proto__', '../1', '1-1-1', 'a'.repeat(4000)])(
    'that was never given out is refused: %.20j',
    async (id) => {
      const waiting = new Waiting();
      await using endpoint = await serve({ handle: waiting.handle });
      const session = await endpoint.open();
      expect((await resume(endpoint, session, id).answer).status).toBe(400);
      await dropped(endpoint, waiting, session);
      expect((await resume(endpoint, session, id).answer).status).toBe(400);
    },
  );

  it('of an event that is still to come is refused', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open();
    const { ids } = await dropped(endpoint, waiting, session);
    const [tag = '', stream = '', number = ''] = ids.at(-1)?.split('-') ?? [];
    const next = `${tag}-${stream}-${Number(number) + 1}`;
    expect((await resume(endpoint, session, next).answer).status).toBe(400);
    expect((await resume(endpoint, session, `${tag}-${Number(stream) + 1}-0`).answer).status).toBe(400);
  });

  it('takes the stream over from a connection that only looked alive', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open();
    const first = endpoint.begin({ headers: session, body: call(1) });
    const { call: called, reply } = await waiting.next();
    called.notify(said(0));
    await until(() => first.received().includes('"data":0'));
    const second = resume(endpoint, session, idsOf(first.received()).at(-1) ?? '');
    expect(await second.status).toBe(200);
    await first.answer;
    reply(result({}));
    expect(dataOf(await second.answer)).toEqual(['result']);
    expect(first.received(), 'each message is on one connection only').not.toContain('"result"');
  });

  it('brings back the GET stream, with what was said in between', async () => {
    await using endpoint = await serve({
      discover: (asked) => Promise.resolve(result({ capabilities: {}, of: asked.id })),
    });
    const session = await endpoint.open();
    const first = endpoint.begin({ method: 'GET', headers: session });
    await until(() => first.received().includes('\n\n'));
    const [primed = ''] = idsOf(first.received());
    first.drop();
    const second = resume(endpoint, session, primed);
    expect(await second.status).toBe(200);
    expect(second.received()).not.toContain('retry');
    second.drop();
  });

  it('shows a question to a client that was away when it was asked', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open({ capabilities: { roots: {} } });
    const { ids, waited } = await dropped(endpoint, waiting, session);
    waited.reply({ kind: 'input_required', inputRequests: { q: { method: 'roots/list' } } });
    const back = resume(endpoint, session, ids.at(-1) ?? '');
    await until(() => back.received().includes('roots/list'));
    const asked = /"id":(\d+),"method":"roots\/list"/.exec(back.received())?.[1];
    await endpoint.post({ jsonrpc: '2.0', id: Number(asked), result: { roots: [] } }, session);
    const second = await waiting.next();
    expect(second.call.answers?.responses.get('q')).toEqual({ result: { roots: [] } });
    second.reply(result({}));
    expect(dataOf(await back.answer).at(-1)).toBe('result');
  });
});

describe('what is kept', () => {
  it('has a bound: the oldest events go, the later ones are still there', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open();
    const { ids, waited } = await dropped(endpoint, waiting, session);
    for (let i = 0; i < 1000; i++) waited.call.notify(said(`later ${i}`));
    waited.reply(result({}));
    const answer = await resume(endpoint, session, ids[0] ?? '').answer;
    expect(answer.messages).toHaveLength(256);
    expect(dataOf(answer).slice(-2)).toEqual(['later 999', 'result']);
  });

  it('has a bound in bytes', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open();
    const { ids, waited } = await dropped(endpoint, waiting, session);
    for (let i = 0; i < 50; i++) waited.call.notify(said('x'.repeat(100_000)));
    waited.reply(result({}));
    const answer = await resume(endpoint, session, ids[0] ?? '').answer;
    expect(answer.wire.length).toBeLessThanOrEqual(1024 * 1024);
    expect(answer.wire.length).toBeGreaterThan(900_000);
    expect(dataOf(answer).at(-1)).toBe('result');
  });

  it('is not a result that is too large; whoever comes back is told so, and whoever stayed has it', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open();
    const bytes = Buffer.from(`{"text":"${'x'.repeat(2 * 1024 * 1024)}"}`);
    const large = { kind: 'result', body: Body.chunks([bytes], bytes.length) } as const;
    const { ids, waited } = await dropped(endpoint, waiting, session);
    waited.reply(large);
    const lost = await resume(endpoint, session, ids.at(-1) ?? '').answer;
    expect(lost.messages).toHaveLength(1);
    expect(lost.last).toMatchObject({ id: 1, error: { data: { reason: 'server_reply_too_large' } } });
    const stayed = endpoint.begin({ headers: session, body: call(2) });
    const { call: called, reply } = await waiting.next();
    called.notify(said(0));
    reply(large);
    expect((await stayed.answer).wire.length).toBeGreaterThan(bytes.length);
  });

  it('ends with the session', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open();
    const { ids, waited } = await dropped(endpoint, waiting, session);
    await endpoint.send({ method: 'DELETE', headers: session });
    expect(waited.call.cancellation.cancelled).toBe(true);
    expect((await resume(endpoint, session, ids[0] ?? '').answer).status).toBe(404);
  });

  it('is nothing at all for an answer of plain JSON', async () => {
    await using endpoint = await serve();
    const session = await endpoint.open();
    const answer = await endpoint.send({ headers: session, body: call(1) });
    expect(answer.streamed).toBe(false);
    expect(answer.wire).not.toContain('id: ');
    await endpoint.post(GREETED, session);
    expect((await resume(endpoint, session, '00000000-1-0').answer).status).toBe(400);
  });
});
