import { EventEmitter, once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Body } from '../core/body.ts';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { JsonObject } from '../core/json.ts';
import { failure, type Reply, result } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import type { Description, ListChange, Upstream, Upstreams } from '../core/upstream.ts';
import { Catalogue, type Listing } from './catalogue.ts';

/** A server whose lists come from a function. A caller's view is its principal and its name. */
class FakeServer implements Upstream {
  readonly name = 'files';
  readonly asked: Call[] = [];
  capabilities: JsonObject = { tools: { listChanged: true }, prompts: { listChanged: true } };
  answer: (call: Call) => Reply | Promise<Reply> = () => result({ tools: [{ name: 'a' }] });

  readonly handle = async (call: Call): Promise<Reply> => {
    this.asked.push(call);
    return this.answer(call);
  };

  async describe(): Promise<Description> {
    return { info: {}, capabilities: this.capabilities, instructions: undefined };
  }

  async watch(): Promise<undefined> {
    return undefined;
  }

  view(call: Call): string {
    return `${call.principal.id} ${JSON.stringify(call.client.capabilities)}`;
  }
}

function setUp(): {
  server: FakeServer;
  list: (options?: Partial<CallOptions>) => Promise<Listing>;
  wrong: (options?: Partial<CallOptions>) => Promise<{ code: number; message: string }>;
  changed: (change?: Partial<ListChange>) => void;
} {
  const server = new FakeServer();
  const listeners: ((change: ListChange) => void)[] = [];
  const upstreams: Upstreams = {
    all: () => [server],
    get: () => server,
    onListChanged: (listener) => void listeners.push(listener),
    onViewEnded: () => {},
    onResourceUpdated: () => {},
    onTaskStatus: () => {},
  };
  const catalogue = new Catalogue(upstreams);
  const ask = (options: Partial<CallOptions> = {}): ReturnType<Catalogue['list']> =>
    catalogue.list(server, options.method ?? 'tools/list', callOf(options));
  return {
    server,
    async list(options) {
      const listing = await ask(options);
      if ('code' in listing) throw new Error(listing.message);
      return listing;
    },
    async wrong(options) {
      const listing = await ask(options);
      if ('code' in listing) return listing;
      throw new Error(`a list of ${listing.items.length}`);
    },
    changed: (change) =>
      listeners.forEach((listener) =>
        listener({ server: 'files', principal: 'alice', kind: 'tools', ...change }),
      ),
  };
}

interface CallOptions {
  method: string;
  principal: string;
  capabilities: JsonObject;
  cancellation: Cancellation;
}

function callOf(options: Partial<CallOptions>): Call {
  return {
    id: '1',
    principal: { id: options.principal ?? 'alice', via: 'token' },
    client: { era: 'modern', protocolVersion: '', info: undefined, capabilities: options.capabilities ?? {} },
    scope: undefined,
    method: options.method ?? 'tools/list',
    params: {},
    meta: undefined,
    answers: undefined,
    wantsProgress: true,
    logLevel: 'debug',
    cancellation: options.cancellation ?? new Cancellation(),
    trail: new Trail(),
    notify: () => {},
  };
}

const numbered = (from: number, to: number): JsonObject[] =>
  Array.from({ length: to - from }, (_unused, i) => ({ name: `t${from + i}` }));

afterEach(() => {
  vi.useRealTimers();
});

describe('the pages of a list', () => {
  it('are all fetched, each with the very cursor of the one before, and put together in their order', async () => {
    const { server, list } = setUp();
    const cursors = [undefined, 'ö ="2', '', '4'];
    server.answer = ({ params }) => {
      const page = cursors.indexOf(params['cursor'] as string | undefined);
      const next = cursors[page + 1];
      return result({
        tools: numbered(page * 2, page * 2 + 2),
        ...(next !== undefined && { nextCursor: next }),
      });
    };
    expect((await list()).items).toEqual(numbered(0, 8));
    expect(server.asked.map(({ params }) => params['cursor'])).toEqual(cursors);
  });

  it('asks on its own account: without progress, without log messages', async () => {
    const { server, list } = setUp();
    await list();
    expect(server.asked[0]).toMatchObject({ wantsProgress: false, logLevel: undefined, params: {} });
  });

  it.each([
    ['ever new ones', (page: number) => `c${page}`, 200],
    ['ever the same one', () => 'again', 2],
  ])('end at last when a server gives cursors without end, %s', async (_what, cursor, most) => {
    const { server, list } = setUp();
    server.answer = () => result({ tools: numbered(0, 3), nextCursor: cursor(server.asked.length) });
    const { items } = await list();
    expect(items.length).toBeGreaterThan(0);
    expect(server.asked.length).toBeLessThanOrEqual(most);
  });

  it('are bounded, however large one is', async () => {
    const { server, list } = setUp();
    const tools = numbered(0, 300_000);
    server.answer = () => result({ tools, nextCursor: 'more' });
    const { items } = await list();
    expect(items).toHaveLength(20_000);
    expect(server.asked).toHaveLength(1);
  });

  it.each([
    ['no objects', { tools: [1, null, 'a', [], { name: 'good' }] }, [{ name: 'good' }]],
    ['no list', { tools: { length: 3 } }, []],
    ['nothing', {}, []],
    ['a cursor that is no text', { tools: [{ name: 'good' }], nextCursor: 7 }, [{ name: 'good' }]],
  ])('with %s in them are read as far as they can be', async (_what, page, expected) => {
    const { server, list } = setUp();
    server.answer = () => result(page);
    expect((await list()).items).toEqual(expected);
  });
});

describe('a list that a server reports changes of', () => {
  it('is fetched once, and again when it changed', async () => {
    const { server, list, changed } = setUp();
    await list();
    server.answer = () => result({ tools: [{ name: 'b' }] });
    expect((await list()).items).toEqual([{ name: 'a' }]);
    changed();
    expect((await list()).items).toEqual([{ name: 'b' }]);
    expect(server.asked).toHaveLength(2);
  });

  it.each([
    ['another kind', { kind: 'prompts' }],
    ['another server', { server: 'net' }],
    ['another user', { principal: 'bob' }],
  ] as const)('stays when %s changed', async (_what, change) => {
    const { server, list, changed } = setUp();
    await list();
    changed(change);
    await list();
    expect(server.asked).toHaveLength(1);
  });

  it('is fetched again for each view of the user it changed for', async () => {
    const { server, list, changed } = setUp();
    const views: JsonObject[] = [{}, { elicitation: {} }];
    for (const capabilities of views) await list({ capabilities });
    expect(server.asked).toHaveLength(2);
    changed();
    for (const capabilities of views) await list({ capabilities });
    expect(server.asked).toHaveLength(4);
  });

  it('is fetched again for everybody when it changed for everybody, as after a reload of the config', async () => {
    const { server, list, changed } = setUp();
    for (const principal of ['alice', 'bob']) await list({ principal });
    changed({ principal: undefined });
    for (const principal of ['alice', 'bob']) await list({ principal });
    expect(server.asked).toHaveLength(4);
  });

  it('is never one that another user got', async () => {
    const { server, list } = setUp();
    server.answer = ({ principal }) => result({ tools: [{ name: `of ${principal.id}` }] });
    for (const principal of ['alice', 'bob', 'alice', 'alice" ', 'bob'])
      expect((await list({ principal })).items).toEqual([{ name: `of ${principal}` }]);
    expect(server.asked).toHaveLength(3);
  });

  it('that changed while it was fetched is fetched again', async () => {
    const { server, list, changed } = setUp();
    const gate = new EventEmitter();
    server.answer = async () => {
      await once(gate, 'open');
      return result({ tools: [{ name: 'old' }] });
    };
    const first = list();
    await setImmediate();
    expect(server.asked).toHaveLength(1);
    changed();
    gate.emit('open');
    await first;
    server.answer = () => result({ tools: [{ name: 'new' }] });
    expect((await list()).items).toEqual([{ name: 'new' }]);
  });

  it('is not forgotten because an older request for it fails late', async () => {
    const { server, list, wrong, changed } = setUp();
    const gate = new EventEmitter();
    server.answer = async () => {
      await once(gate, 'open');
      return failure('call_timeout');
    };
    const late = wrong();
    await setImmediate();
    changed();
    server.answer = () => result({ tools: [{ name: 'new' }] });
    await list();
    gate.emit('open');
    await late;
    await list();
    expect(server.asked).toHaveLength(2);
  });
});

describe('a list that says how long it is good for', () => {
  // A modern server tells of changes only to those who subscribed to them, so that ttlMs is what counts.
  it('is kept no longer, although its server reports changes to some', async () => {
    const { server, list } = setUp();
    server.answer = () => result({ tools: [], ttlMs: 0 });
    await list();
    await list();
    expect(server.asked).toHaveLength(2);
  });

  it('is fetched again before when it changed', async () => {
    const { server, list, changed } = setUp();
    server.answer = () => result({ tools: [], ttlMs: 60_000 });
    await list();
    await list();
    expect(server.asked).toHaveLength(1);
    changed();
    await list();
    expect(server.asked).toHaveLength(2);
  });
});

describe('a list of a server that reports no changes', () => {
  it('is fetched each time', async () => {
    const { server, list } = setUp();
    server.capabilities = { tools: {} };
    await list();
    await list();
    expect(server.asked).toHaveLength(2);
  });

  it('is kept as long as the shortest ttlMs of its pages', async () => {
    vi.useFakeTimers();
    const { server, list } = setUp();
    server.capabilities = { tools: {} };
    server.answer = ({ params }) =>
      params['cursor'] === undefined
        ? result({ tools: [], ttlMs: 60_000, nextCursor: '2' })
        : result({ tools: [], ttlMs: 10_000 });
    expect((await list()).ttlMs).toBe(10_000);
    vi.advanceTimersByTime(9000);
    await list();
    expect(server.asked).toHaveLength(2);
    vi.advanceTimersByTime(2000);
    await list();
    expect(server.asked).toHaveLength(4);
  });

  it.each([-5, '60000', null])('is not kept for a ttlMs of %o', async (ttlMs) => {
    const { server, list } = setUp();
    server.capabilities = { tools: {} };
    server.answer = () => result({ tools: [], ttlMs });
    expect((await list()).ttlMs).toBe(0);
    await list();
    expect(server.asked).toHaveLength(2);
  });
});

describe('callers who ask at the same time', () => {
  it('share one request', async () => {
    const { server, list } = setUp();
    const all = await Promise.all([list(), list(), list()]);
    expect(all.map(({ items }) => items)).toEqual(Array.from({ length: 3 }, () => [{ name: 'a' }]));
    expect(server.asked).toHaveLength(1);
  });

  it('do not lose their list because the first of them goes away', async () => {
    const { server, list } = setUp();
    // As the upstream does it: a call that is cancelled is answered with a failure.
    server.answer = ({ cancellation }) =>
      new Promise((resolve) => {
        cancellation.onCancel(() => resolve(failure('cancelled')));
        setTimeout(() => resolve(result({ tools: [{ name: 'a' }] })), 20);
      });
    const gone = new Cancellation();
    const first = list({ cancellation: gone }).catch(() => {});
    const second = list();
    await setImmediate();
    expect(server.asked).toHaveLength(1);
    gone.cancel('the client closed the connection');
    expect((await second).items).toEqual([{ name: 'a' }]);
    await first;
  });
});

describe('a list that cannot be had', () => {
  const broken: [string, () => Reply, number][] = [
    ['the server refuses', () => failure('server_exited'), -32603],
    ['the server asks a question', () => ({ kind: 'input_required', inputRequests: {} }), -32603],
    ['the answer is no JSON', () => ({ kind: 'result', body: Body.wire('{"tools":[}') }), -32603],
    ['the answer is no object', () => ({ kind: 'result', body: Body.wire('[]') }), -32603],
  ];

  it.each(broken)('because %s is an error, and is not kept', async (_why, answer, code) => {
    const { server, list, wrong } = setUp();
    server.answer = answer;
    expect((await wrong()).code).toBe(code);
    server.answer = () => result({ tools: [{ name: 'a' }] });
    expect((await list()).items).toEqual([{ name: 'a' }]);
  });

  it('because of a mistake of our own is not kept either', async () => {
    const { server, list } = setUp();
    server.answer = () => Promise.reject(new TypeError('x is not a function'));
    await expect(list()).rejects.toThrow(TypeError);
    server.answer = () => result({ tools: [{ name: 'a' }] });
    expect((await list()).items).toEqual([{ name: 'a' }]);
  });

  it('in the middle of its pages is an error too, not half a list', async () => {
    const { server, wrong } = setUp();
    server.answer = ({ params }) =>
      params['cursor'] === undefined
        ? result({ tools: numbered(0, 2), nextCursor: '2' })
        : failure('call_timeout');
    expect((await wrong()).message).toContain('did not answer in time');
  });

  it('because the server has no such thing is empty, and the server is not asked', async () => {
    const { server, list } = setUp();
    server.capabilities = { tools: {} };
    expect(await list({ method: 'prompts/list' })).toMatchObject({ items: [], ttlMs: 0 });
    server.capabilities = { prompts: 'yes' };
    expect(await list({ method: 'prompts/list' })).toMatchObject({ items: [], ttlMs: 0 });
    expect(server.asked).toEqual([]);
  });
});
