import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { result } from '../../core/reply.ts';
import { serve, Waiting } from '../testing.ts';

const V = { protocolVersion: '2025-03-26' };
const GREETED = { jsonrpc: '2.0', method: 'notifications/initialized' };

const request = (id: JsonValue, method = 'tools/call', params: JsonObject = { name: 'x' }): JsonObject => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});

describe('a batch of 2025-03-26', () => {
  it('is answered on one stream, each request as soon as it is done, with the id it has', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open(V);
    const batch = [request(1), GREETED, request('two'), request(3, 'ping', {})];
    const underway = endpoint.begin({ headers: session, body: JSON.stringify(batch) });
    const [one, two] = [await waiting.next(), await waiting.next()];
    two.reply(result({ n: 2 }));
    while (!underway.received().includes('"two"')) await setImmediate();
    one.reply(result({ n: 1 }));
    const answer = await underway.answer;
    expect(answer.streamed).toBe(true);
    expect(answer.messages.map(({ id }) => id)).toEqual([3, 'two', 1]);
    expect(answer.messages.map(({ result: each }) => each)).toEqual([{}, { n: 2 }, { n: 1 }]);
  });

  it('carries what each of its calls says, and its errors', async () => {
    await using endpoint = await serve({
      handle: (call) => {
        call.notify({ method: 'notifications/progress', params: { progress: 1 } });
        return call.params['name'] === 'bad' ? Promise.reject(new Error('x')) : Promise.resolve(result({}));
      },
    });
    const session = await endpoint.open(V);
    const { messages } = await endpoint.post(
      [
        request(1, 'tools/call', { name: 'good', _meta: { progressToken: 'a' } }),
        request(2, 'tools/call', { name: 'bad', _meta: { progressToken: 'b' } }),
      ],
      session,
    );
    const tokens = messages.flatMap(({ params }) => params?.['progressToken'] ?? []);
    expect(tokens).toEqual(['a', 'b']);
    expect(messages.find(({ id }) => id === 1)?.result).toEqual({});
    expect(messages.find(({ id }) => id === 2)?.error?.code).toBe(-32603);
  });

  it('can be come back to: the others of it are still answered', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open(V);
    const underway = endpoint.begin({ headers: session, body: JSON.stringify([request(1), request(2)]) });
    const [one, two] = [await waiting.next(), await waiting.next()];
    one.reply(result({}));
    while (!underway.received().includes('\n\n')) await setImmediate();
    const id = /^id: (.*)$/m.exec(underway.received())?.[1];
    underway.drop();
    two.reply(result({ late: true }));
    const back = await endpoint.send({ method: 'GET', headers: { ...session, 'last-event-id': id } });
    expect(back.messages).toEqual([{ jsonrpc: '2.0', result: { late: true }, id: 2 }]);
  });

  it('of notifications and responses alone is accepted: 202', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open(V);
    const underway = endpoint.begin({ headers: session, body: JSON.stringify(request(7)) });
    const { call, reply } = await waiting.next();
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } };
    const answer = await endpoint.post([GREETED, { jsonrpc: '2.0', id: 99, result: {} }, cancelled], session);
    expect([answer.status, answer.wire]).toEqual([202, '']);
    expect(call.cancellation.cancelled).toBe(true);
    reply(result({}));
    await underway.answer;
  });

  it('is taken up to a hundred messages', async () => {
    await using endpoint = await serve();
    const session = await endpoint.open(V);
    const pings = Array.from({ length: 100 }, (_, id) => request(id, 'ping', {}));
    expect((await endpoint.post(pings, session)).messages).toHaveLength(100);
    const answer = await endpoint.post([...pings, request(100, 'ping', {})], session);
    expect([answer.status, answer.last.error?.code]).toEqual([400, -32600]);
  });

  it.each<[string, JsonValue[]]>([
    ['nothing', []],
    ['initialize', [request(1, 'ping', {}), request(2, 'initialize', V)]],
    ['what is no message', [request(1), 1]],
    ['a request without a right id', [request(1), request(null)]],
    ['another batch', [[request(1)]]],
  ])('with %s in it is refused as a whole: 400, and nothing of it is done', async (_title, batch) => {
    let calls = 0;
    await using endpoint = await serve({
      handle: () => {
        calls += 1;
        return Promise.resolve(result({}));
      },
    });
    const session = await endpoint.open(V);
    const answer = await endpoint.post(batch, session);
    expect([answer.status, answer.last.error?.code]).toEqual([400, -32600]);
    expect(calls).toBe(0);
  });

  it('needs a session: 400 without one, 404 with a dead one', async () => {
    await using endpoint = await serve();
    expect((await endpoint.post([request(1)])).status).toBe(400);
    expect((await endpoint.post([request(1)], { 'mcp-session-id': 'x' })).status).toBe(404);
  });
});

it.each(['2024-11-05', '2025-06-18', '2025-11-25'])('%s has no batches: 400', async (protocolVersion) => {
  await using endpoint = await serve();
  const session = await endpoint.open({ protocolVersion });
  const answer = await endpoint.post([request(1, 'ping', {})], session);
  expect([answer.status, answer.last.error?.code]).toEqual([400, -32600]);
});
