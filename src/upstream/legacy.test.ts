import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toWire } from '../core/body.ts';
import type { Answer, Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { JsonObject } from '../core/json.ts';
import type { Reply } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import { readLine } from '../wire/response-line.ts';
import { LegacyPeer } from './legacy.ts';
import { Link } from './link.ts';

/** A call of a client; one that can be asked something unless its capabilities say otherwise. */
function callOf(method: string, options: Partial<Call> = {}): Call {
  return {
    id: '1',
    principal: { id: 'alice', via: 'token' },
    client: { era: 'modern', protocolVersion: '', info: undefined, capabilities: {} },
    scope: undefined,
    method,
    params: { name: 'x' },
    meta: undefined,
    answers: undefined,
    wantsProgress: false,
    logLevel: undefined,
    cancellation: new Cancellation(),
    trail: new Trail(),
    notify: () => {},
    ...options,
  };
}

const CAN_BE_ASKED: Call['client'] = {
  era: 'modern',
  protocolVersion: '',
  info: undefined,
  capabilities: { elicitation: {} },
};

interface Setting {
  peer: LegacyPeer;
  /** What the server was sent since it was opened. */
  sent: JsonObject[];
  /** @param relatedTo the request on whose stream it says so, where each has one */
  says: (message: JsonObject, relatedTo?: number) => void;
  /** The id of the last request of this method. */
  idOf: (method: string) => number;
}

/** An open legacy server that answers `initialize`, `logging/setLevel` and nothing else by itself. */
async function open(
  capabilities: JsonObject = { logging: {} },
  client: JsonObject = { elicitation: {} },
  streamPerRequest = false,
): Promise<Setting> {
  const sent: JsonObject[] = [];
  const says = (message: JsonObject, relatedTo?: number): void => {
    const incoming = readLine(toWire(JSON.stringify({ jsonrpc: '2.0', ...message })));
    if (incoming) link.receive(incoming, relatedTo);
  };
  const link: Link = new Link(
    {
      streamPerRequest,
      send(text) {
        const message = JSON.parse(text) as JsonObject;
        sent.push(message);
        const { id = null, method } = message;
        if (method === 'initialize')
          queueMicrotask(() => says({ id, result: { protocolVersion: '2025-11-25', capabilities } }));
        if (method === 'logging/setLevel') queueMicrotask(() => says({ id, result: {} }));
        return true;
      },
      close: async () => {},
    },
    { notification: () => {}, lost: () => {} },
  );
  const peer = await LegacyPeer.open(link, {
    self: { name: 'sallyport', version: '1' },
    times: { callMs: 60_000, startMs: 1000 },
    capabilities: client,
  });
  if (!(peer instanceof LegacyPeer)) throw new Error('it did not open');
  sent.length = 0;
  return {
    peer,
    sent,
    says,
    idOf: (method) => Number(sent.findLast((each) => each['method'] === method)?.['id']),
  };
}

const tick = (): Promise<unknown> => vi.advanceTimersByTimeAsync(10);
const error = (code: number, data?: JsonObject): JsonObject => ({
  error: { code, message: 'm', ...(data && { data }) },
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a call in the words of a legacy server', () => {
  it('has the parameters of the call and nothing else', async () => {
    const { peer, sent } = await open();
    void peer.call(callOf('tools/call', { params: { name: 'echo', arguments: { a: 1 } } }));
    await tick();
    expect(sent).toMatchObject([{ method: 'tools/call', params: { name: 'echo', arguments: { a: 1 } } }]);
    expect(sent[0]?.['params']).not.toHaveProperty('_meta');
  });

  it("passes the client's own meta on, with a progress token of ours", async () => {
    const { peer, sent, idOf } = await open();
    const meta = { traceparent: '00-1', 'vendor/x': 1, progressToken: 'of the client' };
    void peer.call(callOf('tools/call', { meta, wantsProgress: true }));
    await tick();
    expect(sent[0]).toMatchObject({
      params: { _meta: { traceparent: '00-1', 'vendor/x': 1, progressToken: idOf('tools/call') } },
    });
  });
});

describe('log messages', () => {
  it('are asked for once at the mildest level that anybody wanted, before the call that wants them', async () => {
    const { peer, sent } = await open();
    for (const logLevel of ['warning', 'error', 'warning', 'info', undefined, 'debug', 'info'] as const) {
      void peer.call(callOf('tools/call', { logLevel }));
      await tick();
    }
    const levels = sent.map(({ method, params }) => (method === 'logging/setLevel' ? params : 'call'));
    expect(levels).toEqual([
      { level: 'warning' },
      'call',
      'call',
      'call',
      { level: 'info' },
      'call',
      'call',
      { level: 'debug' },
      'call',
      'call',
    ]);
  });

  it('are not asked of a server that has none', async () => {
    const { peer, sent } = await open({});
    void peer.call(callOf('tools/call', { logLevel: 'debug' }));
    await tick();
    expect(sent.map(({ method }) => method)).toEqual(['tools/call']);
  });
});

const failing = async (answer: JsonObject): Promise<Reply> => {
  const { peer, says, idOf } = await open();
  const reply = peer.call(callOf('resources/read'));
  await tick();
  says({ id: idOf('resources/read'), ...answer });
  return reply;
};

describe('errors of the old protocol', () => {
  it('a resource that is not there is a wrong parameter now', async () => {
    expect(await failing(error(-32002, { uri: 'a:b' }))).toEqual({
      kind: 'failure',
      error: { code: -32602, message: 'm', data: { uri: 'a:b' } },
    });
  });

  it('a page that the user has to open is a question now', async () => {
    const page = { mode: 'url', url: 'https://example.com', elicitationId: '1', message: 'Log in' };
    expect(await failing(error(-32042, { elicitations: [page, 'junk', page] }))).toEqual({
      kind: 'input_required',
      inputRequests: {
        'elicitation-1': { method: 'elicitation/create', params: page },
        'elicitation-2': { method: 'elicitation/create', params: page },
      },
    });
  });

  it.each([error(-32042), error(-32042, { elicitations: 'none' }), error(-32603), error(7)])(
    '%o is passed on as it is',
    async (answer) => {
      expect(await failing(answer)).toMatchObject({ kind: 'failure', ...answer });
    },
  );
});

/** A question, under an id of the server's own. */
const question = (id: number | string, n = 0): JsonObject => ({
  id,
  method: 'elicitation/create',
  params: { n },
});

/** A call whose client can be asked something. */
const asking = (options: Partial<Call> = {}): Call =>
  callOf('tools/call', { client: CAN_BE_ASKED, ...options });

describe('a question of the server', () => {
  it('goes to the call in flight, and its answer back to the server under its own id', async () => {
    const { peer, sent, says, idOf } = await open();
    const first = peer.call(asking());
    await tick();
    says(question('é-7', 1));
    await tick();
    const reply = await first;
    if (reply.kind !== 'input_required') throw new Error(reply.kind);
    expect(Object.values(reply.inputRequests)).toEqual([{ method: 'elicitation/create', params: { n: 1 } }]);
    expect(peer.holds(reply.requestState ?? '')).toBe(true);

    const answer: Answer = { result: { action: 'accept' } };
    const responses = new Map([[Object.keys(reply.inputRequests)[0] ?? '', answer]]);
    const second = peer.call(asking({ answers: { responses, state: reply.requestState } }));
    await tick();
    expect(sent.at(-1)).toEqual({ jsonrpc: '2.0', id: 'é-7', result: { action: 'accept' } });
    // It was one request all the time, for the server.
    expect(sent.filter(({ method }) => method === 'tools/call')).toHaveLength(1);
    says({ id: idOf('tools/call'), result: { done: true } });
    expect(await second).toMatchObject({ kind: 'result' });
    await peer.idle();
    expect(peer.holds(reply.requestState ?? '')).toBe(false);
  });

  it('of another kind than the three is refused', async () => {
    const { peer, sent, says } = await open();
    void peer.call(asking());
    await tick();
    says({ id: 1, method: 'tools/list' });
    await tick();
    expect(sent.at(-1)).toMatchObject({ id: 1, error: { code: -32601 } });
  });

  it('of a kind that the client cannot be asked is refused, and its call goes on', async () => {
    const { peer, sent, says, idOf } = await open();
    const reply = peer.call(asking());
    await tick();
    says({ id: 'q', method: 'sampling/createMessage', params: {} });
    await tick();
    expect(sent.at(-1)).toMatchObject({ id: 'q', ...error(-32601, undefined), error: { code: -32601 } });
    says({ id: idOf('tools/call'), result: { done: true } });
    expect(await reply).toMatchObject({ kind: 'result' });
    expect(peer.parked).toBe(false);
  });

  it('waits a moment for a call when none is in flight, and is refused then', async () => {
    const { peer, sent, says } = await open();
    says(question(1, 1));
    await tick();
    expect(sent).toEqual([]);
    const reply = peer.call(asking());
    await tick();
    expect(await reply).toMatchObject({ kind: 'input_required' });

    const quiet = await open();
    quiet.says(question(2));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(quiet.sent).toMatchObject([{ id: 2, error: { code: -32600 } }]);
  });

  it('never goes to a call whose client cannot be asked', async () => {
    const { peer, sent, says, idOf } = await open();
    const reply = peer.call(callOf('tools/call'));
    await tick();
    says(question(1));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.at(-1)).toMatchObject({ id: 1, error: {} });
    says({ id: idOf('tools/call'), result: {} });
    expect((await reply).kind).toBe('result');
  });

  it('goes to nobody when it might belong to either of two calls, and to no later one', async () => {
    const { peer, sent, says } = await open({}, {});
    const replies = [peer.call(asking()), peer.call(asking())];
    await tick();
    says(question(1));
    replies.push(peer.call(asking()));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.at(-1)).toMatchObject({ id: 1, error: {} });
    const pending = Promise.race([...replies, tick().then(() => 'nobody was asked')]);
    await tick();
    expect(await pending).toBe('nobody was asked');
  });

  it('comes in bounds: a flood of them is refused, in a call and outside of any', async () => {
    for (const isInCall of [true, false]) {
      const { peer, sent, says } = await open();
      const reply = isInCall ? peer.call(asking()) : undefined;
      await tick();
      for (let id = 0; id < 5000; id++) says(question(id));
      await tick();
      const refused = sent.filter((message) => 'error' in message);
      expect(refused.length).toBeGreaterThan(4000);
      const asked = await reply;
      if (asked?.kind === 'input_required')
        expect(Object.keys(asked.inputRequests).length).toBeLessThanOrEqual(1000);
    }
  });
});

describe('calls that wait for their clients', () => {
  it('are bounded: the one that has waited longest makes room', async () => {
    const { peer, sent, says, idOf } = await open({}, { elicitation: {} }, true);
    const states: string[] = [];
    const park = async (n: number): Promise<void> => {
      const reply = peer.call(asking());
      await tick();
      says(question(n, n), idOf('tools/call'));
      await tick();
      const parked = await reply;
      if (parked.kind === 'input_required') states.push(parked.requestState ?? '');
    };
    for (let n = 0; n < 256; n++) await park(n);
    const first = Number(sent.find(({ method }) => method === 'tools/call')?.['id']);
    expect(states.filter((state) => peer.holds(state))).toHaveLength(256);
    await park(256);
    expect(states.filter((state) => !peer.holds(state))).toEqual([states[0]]);
    const cancelled = sent.filter(({ method }) => method === 'notifications/cancelled');
    expect(cancelled).toMatchObject([{ params: { requestId: first } }]);
    expect(idOf('tools/call')).not.toBe(first);
  });
});

describe('answers that come back', () => {
  it.each(['', 'unknown', '__proto__'])(
    'to a call that is not parked here, %o, are refused',
    async (state) => {
      const { peer, sent } = await open();
      const reply = await peer.call(
        callOf('tools/call', { client: CAN_BE_ASKED, answers: { responses: new Map(), state } }),
      );
      expect(reply).toMatchObject({ error: { data: { reason: 'input_expired' } } });
      expect(sent).toEqual([]);
    },
  );

  it('without a state mean the call from its beginning', async () => {
    const { peer, sent } = await open();
    void peer.call(
      callOf('tools/call', { client: CAN_BE_ASKED, answers: { responses: new Map(), state: undefined } }),
    );
    await tick();
    expect(sent).toMatchObject([{ method: 'tools/call' }]);
  });
});
