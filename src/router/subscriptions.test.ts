import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call, Notification } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { type Reply, result } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import type { ListChange, ResourceUpdate, Upstream } from '../core/upstream.ts';
import { Subscriptions } from './subscriptions.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A server with these capabilities, which tells of the updates of these resources. */
class FakeServer implements Upstream {
  readonly name: string;
  readonly capabilities: JsonObject;
  readonly resources: readonly string[];
  /** The resources that are watched right now. */
  readonly watched: string[] = [];

  constructor(name: string, capabilities: JsonObject, resources: readonly string[] = []) {
    this.name = name;
    this.capabilities = capabilities;
    this.resources = resources;
  }

  readonly handle = async (): Promise<Reply> => result({});

  async describe(): Promise<{ info: JsonObject; capabilities: JsonObject; instructions: undefined }> {
    return { info: {}, capabilities: this.capabilities, instructions: undefined };
  }

  async watch(_call: Call, uri: string): Promise<(() => void) | undefined> {
    if (!this.resources.includes(uri)) return undefined;
    this.watched.push(uri);
    return () => void this.watched.splice(this.watched.indexOf(uri), 1);
  }

  view(call: Call): string {
    return call.principal.id;
  }
}

interface Stream {
  readonly heard: Notification[];
  readonly cancellation: Cancellation;
  readonly reply: Promise<Reply>;
  /** What was promised in the acknowledgement. */
  readonly promised: () => unknown;
  /** What came after it. */
  readonly news: () => string[];
  readonly isOpen: () => Promise<boolean>;
}

/** @param isTold is what changes told at once? */
function setUp(
  servers: readonly FakeServer[],
  isTold = true,
): {
  subscriptions: Subscriptions;
  changed: (change: Partial<ListChange>) => void;
  updated: (update: Partial<ResourceUpdate>) => void;
  listen: (notifications: unknown, options?: { principal?: string; scope?: string }) => Stream;
} {
  const changed: ((change: ListChange) => void)[] = [];
  const updated: ((update: ResourceUpdate) => void)[] = [];
  const subscriptions = new Subscriptions({
    all: () => servers,
    get: (name) => servers.find((each) => each.name === name),
    onListChanged: (listener) => void changed.push(listener),
    onViewEnded: () => {},
    onResourceUpdated: (listener) => void updated.push(listener),
    onTaskStatus: () => {},
  });
  return {
    subscriptions,
    changed: (change) => {
      const whole: ListChange = { server: 'docs', principal: 'alice', kind: 'tools', ...change };
      for (const each of changed) each(whole);
      if (isTold) vi.runOnlyPendingTimers();
    },
    updated: (update) =>
      updated.forEach((each) =>
        each({
          server: 'docs',
          principal: 'alice',
          uri: 'doc:1',
          params: { uri: update.uri ?? 'doc:1' },
          ...update,
        }),
      ),
    listen(notifications, { principal = 'alice', scope } = {}) {
      const heard: Notification[] = [];
      const cancellation = new Cancellation();
      const call: Call = {
        id: '1',
        principal: { id: principal, via: 'token' },
        client: { era: 'modern', protocolVersion: '', info: undefined, capabilities: {} },
        scope,
        method: 'subscriptions/listen',
        params: notifications === undefined ? {} : { notifications: notifications as JsonObject },
        meta: undefined,
        answers: undefined,
        wantsProgress: false,
        logLevel: undefined,
        cancellation,
        trail: new Trail(),
        notify: (notification) => heard.push(notification),
      };
      const own = servers.filter(({ name }) => scope === undefined || name === scope);
      const reply = subscriptions.listen(call, own, async (uri) =>
        own.find((each) => each.resources.includes(uri) || uri.startsWith(`${each.name}:`)),
      );
      return {
        heard,
        cancellation,
        reply,
        promised: () => heard[0]?.params['notifications'],
        news: () => heard.slice(1).map(({ method, params }) => `${method} ${JSON.stringify(params)}`),
        isOpen: () => Promise.race([reply.then(() => false), setImmediate(true)]),
      };
    },
  };
}

const docs = (): FakeServer =>
  new FakeServer('docs', { tools: {}, resources: { subscribe: true } }, ['doc:1', 'doc:2']);
const net = (): FakeServer => new FakeServer('net', { tools: {}, prompts: {} }, ['net:1']);
const ALL_LISTS = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

describe('the acknowledgement', () => {
  it('comes first, and promises what was asked for and can be had', async () => {
    const { listen } = setUp([docs(), net()]);
    const stream = listen({ ...ALL_LISTS, resourceSubscriptions: ['doc:1', 'net:1', 'doc:9', 'no:one'] });
    expect(await stream.isOpen()).toBe(true);
    expect(stream.heard[0]?.method).toBe('notifications/subscriptions/acknowledged');
    expect(stream.promised()).toEqual({ ...ALL_LISTS, resourceSubscriptions: ['doc:1', 'net:1'] });
  });

  it.each([
    [{ toolsListChanged: true }, { toolsListChanged: true }],
    [{ toolsListChanged: false, promptsListChanged: true }, { promptsListChanged: true }],
    [
      { toolsListChanged: 'yes', promptsListChanged: true, somethingElse: true },
      { promptsListChanged: true },
    ],
    [{ resourceSubscriptions: ['doc:2', 'doc:2'] }, { resourceSubscriptions: ['doc:2'] }],
  ])('of %o promises %o', async (asked, promised) => {
    const stream = setUp([docs(), net()]).listen(asked);
    await setImmediate();
    expect(stream.promised()).toEqual(promised);
  });

  it('of nothing that can be had ends the stream at once', async () => {
    const { listen } = setUp([docs()]);
    for (const asked of [{}, { promptsListChanged: true }, { resourceSubscriptions: ['no:one'] }]) {
      const stream = listen(asked);
      expect(await stream.reply).toMatchObject({ kind: 'result' });
      expect(stream.promised()).toEqual({});
    }
  });
});

describe('news', () => {
  it('of lists go to those who asked for this kind, of this user, at an endpoint of this server', async () => {
    const { listen, changed } = setUp([docs(), net()]);
    const streams = {
      alice: listen({ toolsListChanged: true }),
      'alice, prompts only': listen({ promptsListChanged: true }),
      'alice, net only': listen({ toolsListChanged: true }, { scope: 'net' }),
      'alice, docs only': listen({ toolsListChanged: true }, { scope: 'docs' }),
      bob: listen({ toolsListChanged: true }, { principal: 'bob' }),
    };
    await setImmediate();
    changed({ kind: 'tools' });
    const hearing = Object.entries(streams).filter(([, stream]) => stream.news().length > 0);
    expect(hearing.map(([who]) => who)).toEqual(['alice', 'alice, docs only']);
    expect(streams.alice.news()).toEqual(['notifications/tools/list_changed {}']);
    changed({ kind: 'tools', principal: undefined });
    expect(Object.values(streams).map((stream) => stream.news().length)).toEqual([2, 0, 0, 2, 1]);
  });

  it('of a resource go to those who watch it, of this user, and only from the server it was found at', async () => {
    const { listen, updated } = setUp([docs(), net()]);
    const one = listen({ resourceSubscriptions: ['doc:1'] });
    const two = listen({ resourceSubscriptions: ['doc:2'] });
    const bob = listen({ resourceSubscriptions: ['doc:1'] }, { principal: 'bob' });
    await setImmediate();
    updated({ uri: 'doc:1' });
    updated({ uri: 'doc:1', server: 'net' });
    updated({ uri: 'doc:3' });
    expect([one, two, bob].map((stream) => stream.news())).toEqual([
      ['notifications/resources/updated {"uri":"doc:1"}'],
      [],
      [],
    ]);
  });
});

describe('another server under the same name, as after a reload', () => {
  it('is asked to watch what the one before it watched, and is let go at the end', async () => {
    const servers = [new FakeServer('docs', { resources: { subscribe: true } }, ['doc:1', 'doc:2'])];
    const { listen, changed, updated } = setUp(servers);
    const stream = listen({ resourceSubscriptions: ['doc:1', 'doc:2'] });
    await stream.isOpen();
    const [before] = servers;
    const after = new FakeServer('docs', { resources: { subscribe: true } }, ['doc:1']);
    servers[0] = after;
    changed({ principal: undefined, kind: 'resources' });
    await setImmediate();
    expect(before?.watched).toEqual([]);
    expect(after.watched).toEqual(['doc:1']);
    updated({ uri: 'doc:1' });
    expect(stream.news()).toHaveLength(1);
    stream.cancellation.cancel('enough');
    await stream.reply;
    expect(after.watched).toEqual([]);
  });
});

describe('the end of a stream', () => {
  it('by its client ends what was watched for it, and brings no more news', async () => {
    const server = docs();
    const { listen, changed } = setUp([server]);
    const [one, two] = [1, 2].map(() => listen({ toolsListChanged: true, resourceSubscriptions: ['doc:1'] }));
    await setImmediate();
    expect(server.watched).toEqual(['doc:1', 'doc:1']);
    one?.cancellation.cancel('closed');
    expect(server.watched).toEqual(['doc:1']);
    expect(await one?.reply).toMatchObject({ kind: 'result' });
    changed({});
    expect([one?.news().length, two?.news().length]).toEqual([0, 1]);
  });

  it('by its client before it was open leaves nothing behind', async () => {
    const server = docs();
    const { listen, changed } = setUp([server]);
    const stream = listen({ toolsListChanged: true, resourceSubscriptions: ['doc:1'] });
    stream.cancellation.cancel('closed');
    await stream.reply;
    changed({});
    expect(server.watched).toEqual([]);
    expect(stream.news()).toEqual([]);
  });

  it('by the gateway gives each its result', async () => {
    const server = docs();
    const { subscriptions, listen } = setUp([server]);
    const streams = ['alice', 'bob'].map((principal) =>
      listen({ resourceSubscriptions: ['doc:1'] }, { principal }),
    );
    await setImmediate();
    subscriptions.close();
    for (const { reply } of streams) expect(await reply).toMatchObject({ kind: 'result' });
    expect(server.watched).toEqual([]);
  });
});

const reasonOf = async (stream: Stream): Promise<unknown> => {
  const reply = await stream.reply;
  return reply.kind === 'failure' && isObject(reply.error.data) ? reply.error.data['reason'] : reply.kind;
};

describe('a list that changes', () => {
  it('in several processes at the same time is told of once, and again when it changes later', async () => {
    const { changed, listen } = setUp([docs(), new FakeServer('wiki', { tools: {}, prompts: {} })], false);
    const stream = listen({ toolsListChanged: true, promptsListChanged: true });
    await setImmediate();
    for (let i = 0; i < 3; i++) changed({ kind: 'tools' });
    changed({ server: 'wiki', kind: 'tools' });
    changed({ server: 'wiki', kind: 'prompts' });
    expect(stream.news()).toEqual([]);
    vi.runOnlyPendingTimers();
    const once = ['notifications/tools/list_changed {}', 'notifications/prompts/list_changed {}'];
    expect(stream.news()).toEqual(once);
    changed({ kind: 'tools' });
    vi.runOnlyPendingTimers();
    expect(stream.news()).toEqual([...once, 'notifications/tools/list_changed {}']);
  });

  it('just before the end of all streams is told of before they end', async () => {
    const { changed, listen, subscriptions } = setUp([docs()], false);
    const stream = listen({ toolsListChanged: true });
    await setImmediate();
    changed({});
    subscriptions.close();
    await stream.reply;
    expect(stream.news()).toHaveLength(1);
    vi.runOnlyPendingTimers();
    expect(stream.news()).toHaveLength(1);
  });
});

describe('limits', () => {
  it.each([
    [undefined],
    [null],
    [[]],
    ['all'],
    [{ resourceSubscriptions: 'doc:1' }],
    [{ resourceSubscriptions: ['doc:1', 7] }],
    [{ resourceSubscriptions: Array.from({ length: 1001 }, (_unused, i) => `doc:${i}`) }],
  ])('%o is no filter', async (asked) => {
    expect(await reasonOf(setUp([docs()]).listen(asked))).toBe('invalid_params');
  });

  it('one user has 256 streams at most, also when they are opened all at once; others have theirs', async () => {
    const { listen } = setUp([docs()]);
    const streams = Array.from({ length: 300 }, () => listen({ toolsListChanged: true }));
    await setImmediate();
    const open = await Promise.all(streams.map((stream) => stream.isOpen()));
    expect(open.filter(Boolean)).toHaveLength(256);
    expect(await reasonOf(streams[299] ?? listen({}))).toBe('subscription_limit');
    expect(await listen({ toolsListChanged: true }, { principal: 'bob' }).isOpen()).toBe(true);
    streams[0]?.cancellation.cancel('closed');
    await setImmediate();
    expect(await listen({ toolsListChanged: true }).isOpen()).toBe(true);
  });

  it('the streams of one user name so much together, however few they are', async () => {
    const { listen } = setUp([docs()]);
    const named = (i: number): unknown => ({
      toolsListChanged: true,
      resourceSubscriptions: [`doc:${i}${'x'.repeat(999_000)}`],
    });
    const [first, second] = [listen(named(1)), listen(named(2))];
    expect(await second.isOpen()).toBe(true);
    expect(await reasonOf(listen(named(3)))).toBe('subscription_limit');
    expect(await listen(named(3), { principal: 'bob' }).isOpen()).toBe(true);
    first.cancellation.cancel('closed');
    await setImmediate();
    expect(await listen(named(3)).isOpen()).toBe(true);
  });
});
