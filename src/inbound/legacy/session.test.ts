import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { failure, result } from '../../core/reply.ts';
import { type Endpoint, serve, type Underway, Waiting } from '../testing.ts';

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const CALL = '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"x"}}';
type Headers = Record<string, string>;

const by = (principal: string): Headers => ({ 'x-test-principal': principal });

/** Which of the sessions are there? */
async function alive(endpoint: Endpoint, sessions: readonly Headers[]): Promise<boolean[]> {
  const answers = [];
  for (const headers of sessions) answers.push((await endpoint.send({ headers, body: PING })).status === 200);
  return answers;
}

/** Ticks of the clock, so that no two things happen at the same time. */
function passes(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

/** From now on time stands still, until the test lets it pass. */
function stopTheClock(): void {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
}

async function listening(endpoint: Endpoint, headers: Headers): Promise<Underway> {
  const stream = endpoint.begin({ method: 'GET', headers });
  expect(await stream.status).toBe(200);
  return stream;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a principal at the cap', () => {
  const sessions = { sessionsPerPrincipal: 3 };

  it('gets room by losing the session that was idle longest', async () => {
    stopTheClock();
    await using endpoint = await serve({ sessions });
    const open: Headers[] = [];
    for (let i = 0; i < 3; i++) {
      open.push(await endpoint.open());
      passes(10);
    }
    expect(await alive(endpoint, open.slice(0, 1))).toEqual([true]); // Now the second is the idlest.
    passes(10);
    open.push(await endpoint.open());
    expect(endpoint.inbound.sessions).toBe(3);
    expect(await alive(endpoint, open)).toEqual([true, false, true, true]);
  });

  it('loses none with a call under way, or with somebody listening', async () => {
    stopTheClock();
    const waiting = new Waiting();
    await using endpoint = await serve({ sessions, handle: waiting.handle });
    const [calling, hearing] = [await endpoint.open(), await endpoint.open()];
    const underway = endpoint.begin({ headers: calling, body: CALL });
    const { call, reply } = await waiting.next();
    await listening(endpoint, hearing);
    passes(10);
    const idle = await endpoint.open();
    passes(10);
    const next = await endpoint.open();
    expect(await alive(endpoint, [calling, hearing, idle, next])).toEqual([true, true, false, true]);
    expect(call.cancellation.cancelled).toBe(false);
    reply(failure('cancelled'));
    await underway.answer;
  });

  it('is told to wait when all of them are in use: 503, and for how long', async () => {
    await using endpoint = await serve({ sessions });
    for (let i = 0; i < 3; i++) await listening(endpoint, await endpoint.open());
    const hello = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}';
    const answer = await endpoint.send({ body: hello });
    expect(answer.status).toBe(503);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.last).toMatchObject({ id: 1, error: { data: { reason: 'session_limit' } } });
    expect(answer.headers).not.toHaveProperty('mcp-session-id');
    expect(endpoint.inbound.sessions).toBe(3);
    // It is their cap alone.
    await endpoint.open({}, by('bob'));
  });

  it('gets room again with each session it ends', async () => {
    await using endpoint = await serve({ sessions: { sessions: 1 } });
    for (let i = 0; i < 5; i++) {
      const headers = await endpoint.open();
      await listening(endpoint, headers);
      expect((await endpoint.send({ method: 'DELETE', headers })).status).toBe(204);
    }
    expect(endpoint.inbound.sessions).toBe(0);
  });
});

describe('a full house', () => {
  it('takes nothing away from others: a newcomer waits, a principal gives up one of its own', async () => {
    await using endpoint = await serve({ sessions: { sessions: 3, sessionsPerPrincipal: 3 } });
    const [first, second] = [await endpoint.open({}, by('alice')), await endpoint.open({}, by('alice'))];
    const bobs = await endpoint.open({}, by('bob'));
    await expect(endpoint.open({}, by('carol'))).rejects.toThrow('503');
    expect(await alive(endpoint, [first, second, bobs])).toEqual([true, true, true]);
    const next = await endpoint.open({}, by('bob'));
    expect(await alive(endpoint, [first, second, bobs, next])).toEqual([true, true, false, true]);
  });

  it('has nothing left of a thousand sessions that nobody ended', async () => {
    await using endpoint = await serve({ sessions: { sessions: 50, sessionsPerPrincipal: 10 } });
    const last: Headers[] = [];
    for (let i = 0; i < 1000; i++) last[i % 10] = await endpoint.open();
    expect(endpoint.inbound.sessions).toBe(10);
    expect(await alive(endpoint, last)).toEqual(Array(10).fill(true));
  }, 20_000);
});

describe('a session that nobody uses', () => {
  const ttlMs = 60_000;

  it('ends after its time, and not before', async () => {
    stopTheClock();
    await using endpoint = await serve({ sessions: { ttlMs } });
    const [used, unused] = [await endpoint.open(), await endpoint.open()];
    vi.advanceTimersByTime(ttlMs - 1);
    expect(endpoint.inbound.sessions).toBe(2);
    expect(await alive(endpoint, [used])).toEqual([true]);
    vi.advanceTimersByTime(ttlMs / 2 + 1);
    expect(await alive(endpoint, [used, unused])).toEqual([true, false]);
    vi.advanceTimersByTime(2 * ttlMs);
    expect(endpoint.inbound.sessions).toBe(0);
  });

  it('is not one with a call under way, or with somebody listening; afterwards its time begins', async () => {
    stopTheClock();
    const waiting = new Waiting();
    await using endpoint = await serve({ sessions: { ttlMs }, handle: waiting.handle });
    const [calling, hearing] = [await endpoint.open(), await endpoint.open()];
    const underway = endpoint.begin({ headers: calling, body: CALL });
    const { call, reply } = await waiting.next();
    const stream = await listening(endpoint, hearing);
    await vi.advanceTimersByTimeAsync(5 * ttlMs);
    expect(endpoint.inbound.sessions).toBe(2);
    expect(call.cancellation.cancelled).toBe(false);
    reply(failure('cancelled'));
    await underway.answer;
    stream.drop();
    for (let i = 0; i < 20; i++) await setImmediate();
    vi.advanceTimersByTime(ttlMs - 1);
    expect(endpoint.inbound.sessions).toBe(2);
    vi.advanceTimersByTime(ttlMs);
    expect(endpoint.inbound.sessions).toBe(0);
  });
});

describe('the end of the edge', () => {
  it('ends every session, its call and its stream', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const session = await endpoint.open();
    const stream = await listening(endpoint, session);
    const underway = endpoint.begin({ headers: session, body: CALL });
    const { call, reply } = await waiting.next();
    endpoint.inbound.close();
    expect(call.cancellation.cancelled).toBe(true);
    reply(failure('cancelled'));
    expect((await underway.answer).last.error?.data).toMatchObject({ reason: 'cancelled' });
    await stream.answer;
    expect(endpoint.inbound.sessions).toBe(0);
    expect(await alive(endpoint, [session])).toEqual([false]);
  });
});

describe('a drain', () => {
  it('ends what nobody waits for at once, and a call may end first', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const [idle, busy] = [await endpoint.open(), await endpoint.open()];
    const streams = [await listening(endpoint, idle), await listening(endpoint, busy)];
    const underway = endpoint.begin({ headers: busy, body: CALL });
    const { call, reply } = await waiting.next();
    let drained = false;
    const draining = endpoint.inbound.drain(10_000).then(() => (drained = true));
    for (const stream of streams) await stream.answer;
    expect(endpoint.inbound.sessions).toBe(1);
    expect({ drained, cancelled: call.cancellation.cancelled }).toEqual({ drained: false, cancelled: false });
    reply(result({ finished: true }));
    expect((await underway.answer).last.result).toEqual({ finished: true });
    await draining;
    expect(endpoint.inbound.sessions).toBe(0);
  });

  it('lets a call over HTTP+SSE end, too: its answer comes on the stream of the session', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const stream = endpoint.begin({ method: 'GET', path: '/sse' });
    await vi.waitUntil(() => /^data: .*$/m.test(stream.received()));
    const path = /^data: (.*)$/m.exec(stream.received())?.[1] ?? '';
    const hello = {
      protocolVersion: '2024-11-05',
      capabilities: {},
      clientInfo: { name: 'c', version: '1' },
    };
    for (const body of [JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: hello }), CALL])
      expect((await endpoint.send({ path, body })).status).toBe(202);
    const { reply } = await waiting.next();
    const draining = endpoint.inbound.drain(10_000);
    reply(result({ finished: true }));
    await draining;
    // The first event is a path, and no JSON.
    await stream.answer.catch(() => {});
    expect(stream.received()).toMatch(/"finished":true.*"id":2/);
    expect(endpoint.inbound.sessions).toBe(0);
  });

  it('is over after its time, whatever is still under way', async () => {
    const waiting = new Waiting();
    await using endpoint = await serve({ handle: waiting.handle });
    const underway = endpoint.begin({ headers: await endpoint.open(), body: CALL });
    const { call, reply } = await waiting.next();
    await endpoint.inbound.drain(100);
    expect(call.cancellation.cancelled).toBe(true);
    expect(endpoint.inbound.sessions).toBe(0);
    reply(failure('cancelled'));
    await underway.answer;
  });
});

describe('the GET stream', () => {
  it('is an event stream that nothing in between holds back', async () => {
    await using endpoint = await serve();
    const headers = await endpoint.open();
    const stream = await listening(endpoint, headers);
    await endpoint.send({ method: 'DELETE', headers });
    expect((await stream.answer).headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
  });

  it('carries no answers, and shows a sign of life when it is quiet', async () => {
    stopTheClock();
    await using endpoint = await serve();
    const headers = await endpoint.open();
    const stream = await listening(endpoint, headers);
    expect(await alive(endpoint, [headers])).toEqual([true]);
    for (let i = 1; i <= 2; i++) {
      vi.advanceTimersByTime(15_000);
      while ((stream.received().match(/^: /gm) ?? []).length < i) await setImmediate();
    }
    await endpoint.send({ method: 'DELETE', headers });
    expect((await stream.answer).messages).toEqual([]);
  });

  it('leaves no timer behind', async () => {
    stopTheClock();
    await using endpoint = await serve();
    const headers = await endpoint.open();
    const before = vi.getTimerCount();
    const stream = await listening(endpoint, headers);
    expect(vi.getTimerCount()).toBeGreaterThan(before);
    stream.drop();
    while (vi.getTimerCount() > before) await setImmediate();
  });

  it('may be opened anew after it was closed, any number of times', async () => {
    await using endpoint = await serve();
    const headers = await endpoint.open();
    for (let i = 0; i < 5; i++) (await listening(endpoint, headers)).drop();
    expect(await alive(endpoint, [headers])).toEqual([true]);
  });
});
