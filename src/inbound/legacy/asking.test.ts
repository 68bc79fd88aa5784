import { afterEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { type Reply, result } from '../../core/reply.ts';
import { type Endpoint, type Message, serve, type Underway, Waiting } from '../testing.ts';

type Headers = Record<string, string>;

const ALL = { capabilities: { elicitation: {}, sampling: {}, roots: {} } };
const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}';

const asks = (inputRequests: JsonObject, requestState = 'state'): Reply => ({
  kind: 'input_required',
  inputRequests,
  requestState,
});
const elicit = (message: string): JsonObject => ({ method: 'elicitation/create', params: { message } });

/** The messages that have come on a stream that is still open. */
function heard(underway: Underway): Message[] {
  return underway
    .received()
    .split('\n\n')
    .flatMap((event) => /^data: ?(\{.*\})$/m.exec(event)?.[1] ?? [])
    .map((text) => JSON.parse(text) as Message);
}

/** Waits until so many questions stand on the stream, and returns them. */
async function questions(underway: Underway, count: number): Promise<Message[]> {
  const asked = (): Message[] => heard(underway).filter(({ id, method }) => id !== undefined && method);
  await vi.waitUntil(() => asked().length >= count);
  return asked();
}

function respond(
  endpoint: Endpoint,
  session: Headers,
  id: unknown,
  more: JsonObject,
): Promise<{ status: number }> {
  return endpoint.post({ jsonrpc: '2.0', id: id as JsonValue, ...more }, session);
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a server that asks in the middle of a call', () => {
  it('asks a hundred things at once at most: nobody is flooded with more', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open(ALL);
    const underway = endpoint.begin({ headers: session, body: CALL });
    const first = await waiting.next();
    const many = Array.from({ length: 101 }, (_unused, i) => [`q${i}`, elicit('Who?')] as const);
    first.reply(asks(Object.fromEntries(many)));
    const { last, messages } = await underway.answer;
    expect(last.error?.data).toMatchObject({ reason: 'server_reply_invalid' });
    expect(messages).toHaveLength(1);
  });

  it('asks on the stream of this call, gets the answer, and ends the call with its result', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open(ALL);
    const underway = endpoint.begin({ headers: session, body: CALL });
    const first = await waiting.next();
    first.reply(asks({ q: elicit('Who?') }, 'round 1'));
    const [question] = await questions(underway, 1);
    expect(question).toMatchObject({
      jsonrpc: '2.0',
      method: 'elicitation/create',
      params: { message: 'Who?' },
    });
    const content = { action: 'accept', content: { name: 'Ann' } };
    expect((await respond(endpoint, session, question?.id, { result: content })).status).toBe(202);
    const second = await waiting.next();
    expect(second.call).toMatchObject({ method: 'tools/call', params: { name: 'x' } });
    // What is found in this round is not told of the one before.
    expect(second.call.trail).not.toBe(first.call.trail);
    expect(second.call.answers).toEqual({
      responses: new Map([['q', { result: content }]]),
      state: 'round 1',
    });
    second.reply(result({ hello: 'Ann' }));
    expect((await underway.answer).last).toMatchObject({ id: 1, result: { hello: 'Ann' } });
  });

  it('may ask several things at once, each answered by its own id, in any order, with an error, too', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open(ALL);
    const underway = endpoint.begin({ headers: session, body: CALL });
    const kinds = `{"a":${JSON.stringify(elicit('A?'))},"__proto__":${JSON.stringify(elicit('B?'))},"c":{"method":"roots/list"}}`;
    const first = await waiting.next();
    first.reply(asks(JSON.parse(kinds) as JsonObject));
    const [one, two, three] = await questions(underway, 3);
    expect(new Set([one?.id, two?.id, three?.id]).size).toBe(3);
    await respond(endpoint, session, three?.id, { error: { code: -1, message: 'no roots' } });
    await respond(endpoint, session, one?.id, { result: { action: 'decline' } });
    await respond(endpoint, session, two?.id, { result: { action: 'cancel' } });
    const second = await waiting.next();
    expect([...(second.call.answers?.responses ?? [])]).toEqual([
      ['a', { result: { action: 'decline' } }],
      ['__proto__', { result: { action: 'cancel' } }],
      ['c', { error: { code: -1, message: 'no roots' } }],
    ]);
    second.reply(result({}));
    await underway.answer;
  });

  it('may ask again, and is stopped when it does not stop', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open(ALL);
    const underway = endpoint.begin({ headers: session, body: CALL });
    let over = false;
    void underway.answer.then(() => (over = true));
    let rounds = 0;
    for (let waited = await waiting.next(); ; waited = await waiting.next()) {
      rounds += 1;
      waited.reply(asks({ q: elicit(`${rounds}?`) }));
      await vi.waitUntil(() => over || heard(underway).filter(({ method }) => method).length === rounds);
      if (over) break;
      await respond(endpoint, session, heard(underway).at(-1)?.id, { result: { action: 'accept' } });
    }
    expect((await underway.answer).last.error?.data).toMatchObject({ reason: 'too_many_rounds' });
    expect(rounds).toBeGreaterThan(5);
    expect(rounds).toBeLessThan(50);
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['the client did not declare', { elicitation: {} }, { method: 'sampling/createMessage', params: {} }],
    ['the client declared as something else', { roots: true }, { method: 'roots/list' }],
    ['nobody knows', { elicitation: {} }, { method: 'tools/call', params: {} }],
    ['is named like a part of an object', { elicitation: {} }, { method: 'constructor' }],
    ['has no method', { elicitation: {} }, { params: {} }],
  ])('for what %s is not passed on: the call fails', async (_title, capabilities, question) => {
    await using endpoint = await serve({ handle: () => Promise.resolve(asks({ q: question })) });
    const { messages } = await endpoint.post(CALL, await endpoint.open({ capabilities }));
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ id: 1, error: { code: -32603 } });
  });
});

/** Two clients, each with a question of its own. */
async function twoAsked(): Promise<{
  endpoint: Endpoint;
  waiting: Waiting;
  clients: { session: Headers; underway: Underway; id: unknown }[];
}> {
  const waiting = new Waiting();
  const endpoint = await serve({ handle: waiting.handle });
  const clients = [];
  for (const principal of ['alice', 'bob']) {
    const session = await endpoint.open(ALL, { 'x-test-principal': principal });
    const underway = endpoint.begin({ headers: session, body: CALL });
    const { reply } = await waiting.next();
    reply(asks({ q: elicit(`${principal}?`) }, principal));
    const [question] = await questions(underway, 1);
    expect(question?.params).toEqual({ message: `${principal}?` });
    clients.push({ session, underway, id: question?.id });
  }
  return { endpoint, waiting, clients };
}

describe('a response', () => {
  it('answers the questions of its own session only, also where the ids are the same', async () => {
    const { endpoint, waiting, clients } = await twoAsked();
    await using _ = endpoint;
    const [alice, bob] = clients;
    if (!alice || !bob) throw new Error('nobody was asked');
    await respond(endpoint, bob.session, bob.id, { result: { from: 'bob' } });
    const { call, reply } = await waiting.next();
    expect(call).toMatchObject({ principal: { id: 'bob' }, answers: { state: 'bob' } });
    expect(call.answers?.responses.get('q')).toEqual({ result: { from: 'bob' } });
    reply(result({ to: 'bob' }));
    expect((await bob.underway.answer).last.result).toEqual({ to: 'bob' });
    expect(heard(alice.underway)).toHaveLength(1);
    expect((await respond(endpoint, bob.session, alice.id, { result: { from: 'bob' } })).status).toBe(202);
    await respond(endpoint, alice.session, alice.id, { result: { from: 'alice' } });
    const next = await waiting.next();
    expect(next.call.answers?.responses.get('q')).toEqual({ result: { from: 'alice' } });
    next.reply(result({}));
    await alice.underway.answer;
  });

  it('to nothing is passed over, and counts once', async () => {
    const { endpoint, waiting, clients } = await twoAsked();
    await using _ = endpoint;
    const [alice] = clients;
    if (!alice) throw new Error('nobody was asked');
    for (const id of [999, '1', -1, 0.5, '__proto__', '', null])
      await respond(endpoint, alice.session, id, { result: { forged: true } });
    await respond(endpoint, alice.session, alice.id, { result: { first: true } });
    await respond(endpoint, alice.session, alice.id, { result: { second: true } });
    const { call, reply } = await waiting.next();
    expect(call.answers?.responses.get('q')).toEqual({ result: { first: true } });
    reply(result({}));
    await alice.underway.answer;
  });
});

describe('a client that is asked and does not answer', () => {
  it('has answered nothing when it cancels the call, or ends its session', async () => {
    for (const leave of ['cancel', 'delete']) {
      const waiting = new Waiting();
      await using endpoint = await serve({ handle: waiting.handle });
      const session = await endpoint.open(ALL);
      const underway = endpoint.begin({ headers: session, body: CALL });
      const { call, reply } = await waiting.next();
      reply(asks({ q: elicit('?') }));
      await questions(underway, 1);
      const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
      if (leave === 'cancel') await endpoint.post(cancelled, session);
      else await endpoint.send({ method: 'DELETE', headers: session });
      expect(call.cancellation.cancelled).toBe(true);
      const { last } = await underway.answer;
      expect(last, leave).toMatchObject({ id: 1, error: { data: { reason: 'cancelled' } } });
    }
  });

  it('is given up after ten minutes: the server is told that nobody answered', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open(ALL);
    const underway = endpoint.begin({ headers: session, body: CALL });
    (await waiting.next()).reply(asks({ q: elicit('?') }));
    while (heard(underway).length === 0) await new Promise(setImmediate);
    vi.advanceTimersByTime(10 * 60_000);
    const { call, reply } = await waiting.next();
    expect(call.answers?.responses.get('q')).toMatchObject({ error: { code: -32603 } });
    reply(result({}));
    await underway.answer;
  });
});
