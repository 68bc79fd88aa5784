import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer, Call, Notification } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { failure, type Reply, result } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import { InteractiveCall } from './interactive.ts';

const CALL_MS = 60_000;
const PARKED_MS = 10 * 60_000;

interface Round extends Call {
  readonly cancellation: Cancellation;
  readonly heard: Notification[];
}

/** One round of a call: the first one, or a further one with these answers. */
function round(answers?: Record<string, Answer>): Round {
  const heard: Notification[] = [];
  return {
    id: '1',
    principal: { id: 'alice', via: 'token' },
    client: { era: 'modern', protocolVersion: '', info: undefined, capabilities: { elicitation: {} } },
    scope: undefined,
    method: 'tools/call',
    params: {},
    meta: undefined,
    answers: answers && { responses: new Map(Object.entries(answers)), state: 'sealed elsewhere' },
    wantsProgress: true,
    logLevel: 'info',
    cancellation: new Cancellation(),
    trail: new Trail(),
    notify: (notification) => heard.push(notification),
    heard,
  };
}

/** A call that is under way at a server, which answers when it is told to. */
function setUp(first = round()): {
  call: InteractiveCall;
  first: Promise<Reply>;
  answer: (reply: Reply) => void;
  /** Why the server was told to stop, if it was. */
  cancelled: () => string | undefined;
} {
  let answer: ((reply: Reply) => void) | undefined;
  let reason: string | undefined;
  const call = new InteractiveCall(first, { callMs: CALL_MS, callMaxMs: 2.5 * CALL_MS }, (caller) => {
    caller.cancellation.onCancel((why) => {
      reason = why;
      answer?.(failure('cancelled'));
    });
    return new Promise((resolve) => {
      answer = resolve;
    });
  });
  return { call, first: call.next(first), answer: (reply) => answer?.(reply), cancelled: () => reason };
}

const accept = (name: string): Answer => ({ result: { action: 'accept', content: { name } } });
const done = result({ done: true });

/** The keys and questions of a reply that asks, and what the others are. */
function asked(reply: Reply): Record<string, unknown> | string {
  if (reply.kind === 'input_required')
    return Object.fromEntries(
      Object.entries(reply.inputRequests).map(([key, question]) => [
        key,
        isObject(question) ? question['params'] : question,
      ]),
    );
  if (reply.kind === 'result') return reply.body.text;
  const { data } = reply.error;
  const reason = isObject(data) ? data['reason'] : undefined;
  return typeof reason === 'string' ? reason : reply.error.message;
}

async function settled<T>(promise: Promise<T>): Promise<T | 'pending'> {
  return Promise.race([promise, vi.advanceTimersByTimeAsync(0).then(() => 'pending' as const)]);
}

const ask = (call: InteractiveCall, params: JsonObject, method = 'elicitation/create'): Promise<Answer> =>
  call.ask(method, params);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a call that is asked nothing', () => {
  it('is one round', async () => {
    const { call, first, answer } = setUp();
    answer(done);
    expect(await first).toBe(done);
    await call.finished;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has more time with each sign of progress, up to the most', async () => {
    const { call, first, cancelled } = setUp();
    for (const at of [0.8, 1.6, 2.4]) {
      await vi.advanceTimersByTimeAsync(0.8 * CALL_MS);
      expect(cancelled(), `after ${at} of its time`).toBeUndefined();
      call.notify({ method: 'notifications/progress', params: { progress: at } });
    }
    await vi.advanceTimersByTimeAsync(0.1 * CALL_MS);
    expect(asked(await first)).toBe('call_timeout');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends after its time, and the server is told', async () => {
    const { first, cancelled } = setUp();
    await vi.advanceTimersByTimeAsync(CALL_MS);
    expect(asked(await first)).toBe('call_timeout');
    expect(cancelled()).toBe('timeout');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends when its client goes away', async () => {
    const one = round();
    const { first, cancelled } = setUp(one);
    one.cancellation.cancel('the client closed the connection');
    expect(asked(await first)).toBe('cancelled');
    expect(cancelled()).toBe('the client closed the connection');
  });
});

describe('a call that is asked something', () => {
  it('comes back with the question, and the answer brings the result', async () => {
    const { call, first, answer } = setUp();
    const said = ask(call, { message: 'Who?' });
    await vi.advanceTimersByTimeAsync(10);
    const reply = await first;
    expect(reply).toMatchObject({ kind: 'input_required', requestState: call.id });
    expect(asked(reply)).toEqual({ 'elicitation-1': { message: 'Who?' } });
    expect(call.parked).toBe(true);
    const second = call.next(round({ 'elicitation-1': accept('Ada') }));
    expect(await said).toEqual(accept('Ada'));
    expect(call.parked).toBe(false);
    answer(done);
    expect(await second).toBe(done);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('puts questions that come side by side into one round, each under a key of its own', async () => {
    const { call, first } = setUp();
    const answers = [
      ask(call, { n: 1 }),
      ask(call, { n: 2 }, 'sampling/createMessage'),
      ask(call, {}, 'roots/list'),
    ];
    await vi.advanceTimersByTimeAsync(10);
    expect(asked(await first)).toEqual({ 'elicitation-1': { n: 1 }, 'sampling-2': { n: 2 }, 'roots-3': {} });
    void call.next(
      round({ 'roots-3': accept('c'), 'elicitation-1': accept('a'), 'sampling-2': accept('b') }),
    );
    expect(await Promise.all(answers)).toEqual([accept('a'), accept('b'), accept('c')]);
  });

  it('asks again what was not answered, and what came up meanwhile', async () => {
    const { call, first } = setUp();
    const answers = [ask(call, { n: 1 }), ask(call, { n: 2 })];
    await vi.advanceTimersByTimeAsync(10);
    await first;
    void ask(call, { n: 3 });
    const second = await call.next(
      round({ 'elicitation-2': accept('b'), 'elicitation-9': accept('nobody asked') }),
    );
    expect(await answers[1]).toEqual(accept('b'));
    expect(asked(second)).toEqual({ 'elicitation-1': { n: 1 }, 'elicitation-3': { n: 3 } });
  });

  it('goes on for as many rounds as the server needs, with a fresh time for each', async () => {
    const { call, first, answer, cancelled } = setUp();
    let reply = first;
    for (let n = 1; n <= 5; n++) {
      await vi.advanceTimersByTimeAsync(CALL_MS - 1000);
      const said = ask(call, { n });
      await vi.advanceTimersByTimeAsync(10);
      expect(asked(await reply)).toEqual({ [`elicitation-${n}`]: { n } });
      reply = call.next(round({ [`elicitation-${n}`]: accept('x') }));
      await said;
    }
    answer(done);
    expect(await reply).toBe(done);
    expect(cancelled()).toBeUndefined();
  });

  it('waits for one that comes late, as long as they come', async () => {
    const { call, first } = setUp();
    void ask(call, { n: 1 });
    await vi.advanceTimersByTimeAsync(9);
    void ask(call, { n: 2 });
    await vi.advanceTimersByTimeAsync(9);
    expect(await settled(first)).toBe('pending');
    await vi.advanceTimersByTimeAsync(1);
    expect(asked(await first)).toEqual({ 'elicitation-1': { n: 1 }, 'elicitation-2': { n: 2 } });
  });

  it('never comes back with no question at all, however quick the client is', async () => {
    const { call, first, answer } = setUp();
    void ask(call, { n: 1 });
    await vi.advanceTimersByTimeAsync(10);
    await first;
    void ask(call, { n: 2 });
    expect(asked(await call.next(round({ 'elicitation-1': accept('a') })))).toEqual({
      'elicitation-2': { n: 2 },
    });
    // Within the time in which the second question is waiting for more.
    const third = call.next(round({ 'elicitation-2': accept('b') }));
    await vi.advanceTimersByTimeAsync(20);
    expect(await settled(third)).toBe('pending');
    answer(done);
    expect(await third).toBe(done);
  });

  it('gives the result when it is there before the client has answered', async () => {
    const { call, first, answer } = setUp();
    void ask(call, {});
    await vi.advanceTimersByTimeAsync(10);
    await first;
    answer(done);
    await call.finished;
    expect(await call.next(round({ 'elicitation-1': accept('late') }))).toBe(done);
  });

  it('tells what the server says to the round that is open, and to no earlier one', async () => {
    const one = round();
    const { call, first } = setUp(one);
    call.notify({ method: 'notifications/progress', params: { progress: 1 } });
    void ask(call, {});
    await vi.advanceTimersByTimeAsync(10);
    await first;
    const two = round({ 'elicitation-1': accept('x') });
    void call.next(two);
    call.notify({ method: 'notifications/progress', params: { progress: 2 } });
    expect([one, two].map(({ heard }) => heard.map(({ params }) => params['progress']))).toEqual([[1], [2]]);
  });
});

/** A call that waits for its client's answer to one question. */
async function parked(): Promise<ReturnType<typeof setUp> & { said: Promise<Answer>; one: Round }> {
  const one = round();
  const all = setUp(one);
  const said = ask(all.call, {});
  await vi.advanceTimersByTimeAsync(10);
  await all.first;
  return { ...all, said, one };
}

describe('a call that is parked', () => {
  it('outlives the end of the request it came with', async () => {
    const { one, cancelled, call } = await parked();
    await vi.advanceTimersByTimeAsync(CALL_MS * 5);
    expect(cancelled()).toBeUndefined();
    expect(call.parked).toBe(true);
    expect(one.cancellation.cancelled).toBe(false);
  });

  it('does not end with the request of an earlier round, once the next one is there', async () => {
    const { call, one, answer, cancelled } = await parked();
    const second = call.next(round({ 'elicitation-1': accept('x') }));
    one.cancellation.cancel('its connection was closed');
    expect(cancelled()).toBeUndefined();
    answer(done);
    expect(await second).toBe(done);
  });

  it('ends when nobody comes back: the server gets an answer and is told to stop', async () => {
    const { said, cancelled, call } = await parked();
    await vi.advanceTimersByTimeAsync(PARKED_MS);
    expect(await said).toMatchObject({ error: { code: -32603 } });
    expect(cancelled()).toBe('nobody answered');
    expect(asked(await call.next(round({ 'elicitation-1': accept('too late') })))).toBe('input_expired');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may be ended to make room', async () => {
    const { said, cancelled, call } = await parked();
    call.evict();
    expect(await said).toMatchObject({ error: { code: -32603 } });
    expect(cancelled()).toBeDefined();
    await call.finished;
    expect(asked(await call.next(round()))).toBe('input_expired');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that is come back to twice answers both: a client that repeats itself may not hang', async () => {
    const { call, answer } = await parked();
    const answers = { 'elicitation-1': accept('x') };
    const twice = [call.next(round(answers)), call.next(round(answers))];
    await vi.advanceTimersByTimeAsync(20);
    answer(done);
    await vi.advanceTimersByTimeAsync(CALL_MS + PARKED_MS);
    const replies = await Promise.all(twice.map(settled));
    expect(replies).not.toContain('pending');
    expect(replies.map((reply) => (reply === 'pending' ? reply : asked(reply)))).toContain('{"done":true}');
  });
});
