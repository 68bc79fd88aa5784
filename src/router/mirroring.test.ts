import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { JsonObject } from '../core/json.ts';
import { failure, type Reply, result } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import type { Description, ListChange, Upstream, Upstreams, ViewEnd } from '../core/upstream.ts';
import { Router } from './router.ts';

const ANNOTATED: JsonObject = {
  name: 'query',
  inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } },
};

/** A server that lists `tools`, or cannot where there are none. */
class FakeServer implements Upstream {
  readonly name: string;
  readonly asked: string[] = [];
  tools: JsonObject[] | undefined;

  constructor(name: string, tools: JsonObject[] | undefined) {
    this.name = name;
    this.tools = tools;
  }

  readonly handle = async (call: Call): Promise<Reply> => {
    this.asked.push(call.method);
    if (call.method === 'tools/call') return result({ called: call.params['name'] ?? null });
    return this.tools ? result({ tools: this.tools }) : failure('call_timeout');
  };

  async describe(): Promise<Description> {
    return { info: {}, capabilities: { tools: {} }, instructions: undefined };
  }

  async watch(): Promise<undefined> {
    return undefined;
  }

  view({ principal }: Call): string {
    return principal.id;
  }
}

interface Asked {
  method?: string;
  principal?: string;
  name?: string;
  scope?: string;
  /** What the headers say of the region: right, wrong, or there are none at all, as on a pipe. */
  headers?: 'right' | 'wrong' | 'none';
}

function setUp(...servers: FakeServer[]) {
  const changed: ((change: ListChange) => void)[] = [];
  const ended: ((end: ViewEnd) => void)[] = [];
  const upstreams: Upstreams = {
    all: () => servers,
    get: (name) => servers.find((server) => server.name === name),
    onListChanged: (listener) => void changed.push(listener),
    onViewEnded: (listener) => void ended.push(listener),
    onResourceUpdated: () => {},
    onTaskStatus: () => {},
  };
  const router = new Router({ upstreams, self: { name: 'sallyport', version: '1' } });
  const ask = (asked: Asked = {}): Promise<Reply> =>
    router.handle({
      id: '1',
      principal: { id: asked.principal ?? 'alice', via: 'token' },
      client: { era: 'modern', protocolVersion: '2026-07-28', info: undefined, capabilities: {} },
      scope: asked.scope,
      method: asked.method ?? 'tools/call',
      params: asked.method === undefined ? { name: asked.name ?? 'query', arguments: { region: 'eu' } } : {},
      meta: undefined,
      answers: undefined,
      mismatch:
        asked.headers === 'none'
          ? undefined
          : ([{ header } = { header: '' }]) =>
              asked.headers === 'wrong' ? `${header} is wrong.` : undefined,
      wantsProgress: false,
      logLevel: undefined,
      cancellation: new Cancellation(),
      trail: new Trail(),
      notify: () => {},
    });
  return {
    ask,
    changed: (change: ListChange) => changed.forEach((listener) => listener(change)),
    ended: (end: ViewEnd) => ended.forEach((listener) => listener(end)),
  };
}

const WRONG = { error: { code: -32020, status: 400, message: expect.stringContaining('Region is wrong.') } };

describe('a tool whose schema has x-mcp-header', () => {
  it('is not called where headers and body differ, even when no list was ever asked for', async () => {
    const server = new FakeServer('db', [ANNOTATED]);
    const { ask } = setUp(server);
    expect(await ask({ headers: 'wrong' })).toMatchObject(WRONG);
    expect(await ask({ headers: 'wrong' })).toMatchObject(WRONG);
    expect(await ask({ headers: 'right' })).toMatchObject({ kind: 'result' });
    expect(server.asked).toEqual(['tools/list', 'tools/call']);
  });

  it('is found behind the name of its server, too', async () => {
    const { ask } = setUp(new FakeServer('db', [ANNOTATED]), new FakeServer('other', []));
    expect(await ask({ name: 'db__query', headers: 'wrong' })).toMatchObject(WRONG);
    expect(await ask({ name: 'other__query', headers: 'wrong' })).toMatchObject({ kind: 'result' });
    expect(await ask({ scope: 'db', headers: 'wrong' })).toMatchObject(WRONG);
  });

  it('is learnt from a list that a client asked for', async () => {
    const server = new FakeServer('db', [ANNOTATED]);
    const { ask } = setUp(server);
    await ask({ method: 'tools/list' });
    expect(await ask({ headers: 'wrong' })).toMatchObject(WRONG);
    expect(server.asked).toEqual(['tools/list']);
  });

  it('is held to it only where a request has headers', async () => {
    const server = new FakeServer('db', [ANNOTATED]);
    const { ask } = setUp(server);
    expect(await ask({ headers: 'none' })).toMatchObject({ kind: 'result' });
    expect(server.asked).toEqual(['tools/call']);
  });

  it('asks for nothing where the annotation breaks the rules', async () => {
    const properties = { region: { type: 'object', 'x-mcp-header': 'Region' } };
    const { ask } = setUp(new FakeServer('db', [{ name: 'query', inputSchema: { properties } }]));
    expect(await ask({ headers: 'wrong' })).toMatchObject({ kind: 'result' });
  });
});

describe('what is known of annotations', () => {
  afterEach(() => void vi.useRealTimers());

  it.each<[string, (gateway: ReturnType<typeof setUp>) => unknown]>([
    ['its list changed', ({ changed }) => changed({ server: 'db', principal: 'alice', kind: 'tools' })],
    [
      'it is another server now',
      ({ changed }) => changed({ server: 'db', principal: undefined, kind: 'tools' }),
    ],
    ['its process ended', ({ ended }) => ended({ server: 'db', view: 'alice' })],
    ['a client lists its tools', ({ ask }) => ask({ method: 'tools/list' })],
  ])('is found out again when %s', async (_what, happen) => {
    const server = new FakeServer('db', []);
    const gateway = setUp(server);
    expect(await gateway.ask({ headers: 'wrong' })).toMatchObject({ kind: 'result' });
    server.tools = [ANNOTATED];
    expect(await gateway.ask({ headers: 'wrong' })).toMatchObject({ kind: 'result' });
    await happen(gateway);
    expect(await gateway.ask({ headers: 'wrong' })).toMatchObject(WRONG);
  });

  it.each<ListChange>([
    { server: 'db', principal: 'bob', kind: 'tools' },
    { server: 'db', principal: 'alice', kind: 'prompts' },
    { server: 'other', principal: undefined, kind: 'tools' },
  ])('stays when something else changes: %o', async (change) => {
    const server = new FakeServer('db', [ANNOTATED]);
    const { ask, changed } = setUp(server);
    await ask({ headers: 'wrong' });
    changed(change);
    await ask({ headers: 'wrong' });
    expect(server.asked).toEqual(['tools/list']);
  });

  it('is one principal’s own', async () => {
    const server = new FakeServer('db', [ANNOTATED]);
    const { ask } = setUp(server);
    await ask({ headers: 'wrong' });
    server.tools = [];
    expect(await ask({ principal: 'bob', headers: 'wrong' })).toMatchObject({ kind: 'result' });
    expect(await ask({ headers: 'wrong' })).toMatchObject(WRONG);
  });

  it('survives a list that could not be had', async () => {
    const server = new FakeServer('db', [ANNOTATED]);
    const { ask } = setUp(server);
    await ask({ headers: 'wrong' });
    server.tools = undefined;
    await ask({ method: 'tools/list' });
    expect(await ask({ headers: 'wrong' })).toMatchObject(WRONG);
  });

  it('is asked for once a minute of a server that cannot list', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const server = new FakeServer('db', undefined);
    const { ask } = setUp(server);
    await ask();
    await ask();
    expect(server.asked).toEqual(['tools/list', 'tools/call', 'tools/call']);
    vi.setSystemTime(Date.now() + 61_000);
    server.tools = [ANNOTATED];
    expect(await ask({ headers: 'wrong' })).toMatchObject(WRONG);
  });
});
