import { describe, expect, it } from 'vitest';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { META } from '../core/protocol.ts';
import { failure, type Reply, result } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import type { Description, Upstream, Upstreams } from '../core/upstream.ts';
import { Router } from './router.ts';

const SELF = { name: 'sallyport', version: '1' };
const EVERYTHING: JsonObject = {
  tools: { listChanged: true },
  prompts: {},
  resources: { subscribe: true },
  completions: {},
  logging: {},
  tasks: { list: {} },
};

interface Content {
  tools?: JsonObject[];
  prompts?: JsonObject[];
  resources?: JsonObject[];
  resourceTemplates?: JsonObject[];
  capabilities?: JsonObject;
  instructions?: string;
  /** It cannot be started. */
  broken?: boolean;
}

const MEMBERS = new Map<string, 'tools' | 'prompts' | 'resources' | 'resourceTemplates'>([
  ['tools/list', 'tools'],
  ['prompts/list', 'prompts'],
  ['resources/list', 'resources'],
  ['resources/templates/list', 'resourceTemplates'],
]);

/** A server that lists what it is given and answers every other call with what it got. */
class FakeServer implements Upstream {
  readonly name: string;
  readonly content: Content;
  readonly calls: Call[] = [];

  constructor(name: string, content: Content = {}) {
    this.name = name;
    this.content = content;
  }

  readonly handle = async (call: Call): Promise<Reply> => {
    this.calls.push(call);
    if (this.content.broken) return failure('server_start_failed');
    const member = MEMBERS.get(call.method);
    if (member) return result({ [member]: this.content[member] ?? [] });
    return result({ by: this.name, method: call.method, params: call.params });
  };

  async describe(): Promise<Description | ReturnType<typeof failure>['error']> {
    if (this.content.broken) return failure('server_start_failed', 'It printed: no key').error;
    const { capabilities = EVERYTHING, instructions } = this.content;
    return { info: { name: `${this.name} itself` }, capabilities, instructions };
  }

  async watch(): Promise<undefined> {
    return undefined;
  }

  view(call: Call): string {
    return call.principal.id;
  }
}

function upstreamsOf(servers: readonly FakeServer[]): Upstreams {
  return {
    all: () => servers,
    get: (name) => servers.find((server) => server.name === name),
    onListChanged: () => {},
    onViewEnded: () => {},
    onResourceUpdated: () => {},
    onTaskStatus: () => {},
  };
}

function callOf(method: string, params: JsonObject = {}, scope?: string): Call {
  return {
    id: '1',
    principal: { id: 'alice', via: 'token' },
    client: { era: 'modern', protocolVersion: '2026-07-28', info: undefined, capabilities: {} },
    scope,
    method,
    params,
    meta: undefined,
    answers: undefined,
    wantsProgress: false,
    logLevel: undefined,
    cancellation: new Cancellation(),
    trail: new Trail(),
    notify: () => {},
  };
}

/** Calls a router over these servers, and gives the result, or the error's reason. */
function routerOver(...servers: FakeServer[]) {
  const router = new Router({ upstreams: upstreamsOf(servers), self: SELF });
  return async (method: string, params?: JsonObject, scope?: string): Promise<JsonObject> => {
    const reply = await router.handle(callOf(method, params, scope));
    if (reply.kind === 'result') return reply.body.parse();
    if (reply.kind === 'failure') return { error: reply.error.code, ...data(reply.error.data) };
    throw new Error('input_required');
  };
}

function data(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

const named = (...names: string[]): JsonObject[] =>
  names.map((name) => ({ name, title: name.toUpperCase() }));
const names = (list: JsonValue | undefined): JsonValue[] =>
  Array.isArray(list) ? list.map((item) => (isObject(item) ? (item['name'] ?? null) : null)) : [];

describe('an endpoint of several servers', () => {
  const files = new FakeServer('files', { tools: named('read', '__odd', 'write__all') });
  const net = new FakeServer('net', { tools: named('ping', 'read') });
  const call = routerOver(files, net);

  it('names every tool after its server, in the order of the config, and changes nothing else of it', async () => {
    const { tools } = await call('tools/list');
    expect(names(tools)).toEqual([
      'files__read',
      'files____odd',
      'files__write__all',
      'net__ping',
      'net__read',
    ]);
    expect(tools).toContainEqual({ name: 'net__ping', title: 'PING' });
    expect(files.content.tools?.[0]).toEqual({ name: 'read', title: 'READ' });
  });

  it.each([
    ['files__read', 'files', 'read'],
    ['net__read', 'net', 'read'],
    ['files____odd', 'files', '__odd'],
    ['files__write__all', 'files', 'write__all'],
    ['files__not_listed', 'files', 'not_listed'],
  ])('takes %s to %s as %s', async (name, by, own) => {
    const params = { name, arguments: { a: 1 } };
    expect(await call('tools/call', params)).toEqual({
      by,
      method: 'tools/call',
      params: { name: own, arguments: { a: 1 } },
    });
    expect(params.name).toBe(name);
  });

  it.each([
    'read',
    'nobody__read',
    '__read',
    '__proto____x',
    'constructor__x',
    '',
    7,
    null,
    ['files__read'],
    undefined,
  ])('knows no tool %o', async (name) => {
    const params: JsonObject = name === undefined ? {} : { name };
    expect(await call('tools/call', params)).toEqual({
      error: -32602,
      reason: 'unknown_tool',
      name: typeof name === 'string' ? name : null,
    });
    expect(await call('prompts/get', params)).toMatchObject({ reason: 'unknown_prompt' });
  });

  it('takes prompts the same way', async () => {
    const all = routerOver(
      new FakeServer('a', { prompts: named('hello') }),
      new FakeServer('b', { prompts: named('hello') }),
    );
    expect(names((await all('prompts/list'))['prompts'])).toEqual(['a__hello', 'b__hello']);
    expect(await all('prompts/get', { name: 'b__hello' })).toMatchObject({
      by: 'b',
      params: { name: 'hello' },
    });
  });

  it('shows the lists of the servers that work when one does not, and says that they will not last', async () => {
    const all = routerOver(new FakeServer('dead', { broken: true, tools: named('x') }), net);
    expect(await all('tools/list')).toMatchObject({ ttlMs: 0, cacheScope: 'private' });
    expect(names((await all('tools/list'))['tools'])).toEqual(['net__ping', 'net__read']);
    expect(await all('tools/call', { name: 'net__ping' })).toMatchObject({ by: 'net' });
    expect(await all('tools/call', { name: 'dead__x' })).toMatchObject({ reason: 'server_start_failed' });
  });

  it('never lists what a server only pretends to have', async () => {
    const odd = new FakeServer('odd', { tools: [], capabilities: {} });
    expect(names((await routerOver(odd, net)('tools/list'))['tools'])).toEqual(['net__ping', 'net__read']);
    expect(odd.calls).toEqual([]);
  });

  it('refuses a cursor: it never gave one out', async () => {
    expect(await call('tools/list', { cursor: 'x' })).toMatchObject({
      error: -32602,
      reason: 'invalid_params',
    });
  });

  it.each(['resources/subscribe', 'logging/setLevel', 'initialize', 'tasks/list', 'toString', ''])(
    'knows no method %o',
    async (method) => {
      expect(await call(method)).toMatchObject({ error: -32601, reason: 'method_not_found' });
    },
  );
});

describe('an endpoint of one server', () => {
  const only = new FakeServer('only', { tools: named('read'), resources: [{ uri: 'a:b' }] });
  const other = new FakeServer('other', { tools: named('ping') });

  it.each([
    ['because there is one only', routerOver(only), undefined],
    ['because the path names it', routerOver(other, only), 'only'],
  ])('changes no names, %s', async (_why, call, scope) => {
    expect(names((await call('tools/list', {}, scope))['tools'])).toEqual(['read']);
    expect(await call('tools/call', { name: 'read' }, scope)).toMatchObject({
      by: 'only',
      params: { name: 'read' },
    });
    expect(await call('tools/call', { name: 'a__b' }, scope)).toMatchObject({
      by: 'only',
      params: { name: 'a__b' },
    });
    expect(await call('resources/read', { uri: 'un:listed' }, scope)).toMatchObject({ by: 'only' });
    const ref = { type: 'ref/prompt', name: 'x__y' };
    expect(await call('completion/complete', { ref }, scope)).toMatchObject({ by: 'only', params: { ref } });
  });

  it('never asks the others', async () => {
    const quiet = new FakeServer('quiet', { tools: named('x') });
    const call = routerOver(quiet, only);
    for (const method of ['tools/list', 'resources/read', 'server/discover', 'tools/call'])
      await call(method, { name: 'quiet__x', uri: 'a:b' }, 'only');
    expect(quiet.calls).toEqual([]);
  });

  it('says why its server has no list', async () => {
    const call = routerOver(new FakeServer('dead', { broken: true }));
    expect(await call('tools/list')).toMatchObject({ reason: 'server_start_failed' });
    expect(await call('server/discover')).toMatchObject({ reason: 'server_start_failed' });
  });

  it.each(['nobody', '__proto__', 'toString'])('of the name %s does not exist', async (scope) => {
    expect(await routerOver(only)('tools/list', {}, scope)).toMatchObject({ reason: 'no_such_server' });
  });
});

describe('an endpoint of no servers at all', () => {
  const call = routerOver();

  it('is there, and empty', async () => {
    expect(await call('tools/list')).toEqual({ tools: [], ttlMs: 0, cacheScope: 'private' });
    expect(await call('tools/call', { name: 'a__b' })).toMatchObject({ reason: 'unknown_tool' });
    expect(await call('resources/read', { uri: 'a:b' })).toMatchObject({ reason: 'unknown_resource' });
    expect(await call('server/discover')).toMatchObject({ capabilities: {} });
  });
});

describe('resources/read', () => {
  const docs = new FakeServer('docs', {
    resources: [{ uri: 'doc://one' }, { uri: 'doc://both' }],
    resourceTemplates: [{ uriTemplate: 'doc://pages/{id}' }, { uriTemplate: 7 }, {}],
  });
  const wiki = new FakeServer('wiki', {
    resources: [{ uri: 'wiki://home' }, { uri: 'doc://both' }, { uri: 'doc://pages/9' }],
    resourceTemplates: [{ uriTemplate: 'wiki://{+path}' }, { uriTemplate: 'doc://pages/{id}' }],
  });
  const call = routerOver(docs, wiki);

  it.each([
    ['the server that lists it', 'wiki://home', 'wiki'],
    ['the first of two that list it', 'doc://both', 'docs'],
    ['the server with a template for it', 'wiki://a/b', 'wiki'],
    ['the first of two with a template for it', 'doc://pages/7', 'docs'],
    ['the server that lists it rather than one with a template', 'doc://pages/9', 'wiki'],
  ])('goes to %s', async (_which, uri, by) => {
    expect(await call('resources/read', { uri })).toMatchObject({ by, params: { uri } });
  });

  it.each(['doc://other', '', 7, null, { uri: 'doc://one' }])(
    'of %o is refused, and no server is bothered',
    async (uri) => {
      expect(await call('resources/read', { uri })).toMatchObject({
        error: -32602,
        reason: 'unknown_resource',
      });
      expect(
        [...docs.calls, ...wiki.calls].filter(
          ({ method, params }) => method === 'resources/read' && params['uri'] === uri,
        ),
      ).toEqual([]);
    },
  );

  it('works while another server is down', async () => {
    const withDead = routerOver(new FakeServer('dead', { broken: true }), wiki);
    expect(await withDead('resources/read', { uri: 'wiki://home' })).toMatchObject({ by: 'wiki' });
  });
});

describe('completion/complete', () => {
  const docs = new FakeServer('docs', { resourceTemplates: [{ uriTemplate: 'doc://{+path}' }] });
  const wiki = new FakeServer('wiki', { resourceTemplates: [{ uriTemplate: 'wiki://{+path}' }] });
  const call = routerOver(docs, wiki);
  const argument = { name: 'path', value: 'a' };

  it('of a prompt goes to its server, under its own name', async () => {
    const ref = { type: 'ref/prompt', name: 'wiki__greet', title: 'kept' };
    expect(await call('completion/complete', { ref, argument })).toEqual({
      by: 'wiki',
      method: 'completion/complete',
      params: { ref: { ...ref, name: 'greet' }, argument },
    });
  });

  it('of a template goes to the server that has this very template', async () => {
    const ref = { type: 'ref/resource', uri: 'wiki://{+path}' };
    expect(await call('completion/complete', { ref, argument })).toMatchObject({
      by: 'wiki',
      params: { ref },
    });
  });

  it.each([
    [undefined, 'invalid_params'],
    ['ref/prompt', 'invalid_params'],
    [{ type: 'ref/prompt', name: 'greet' }, 'unknown_prompt'],
    [{ type: 'ref/prompt' }, 'unknown_prompt'],
    [{ type: 'ref/resource', uri: 'other://{x}' }, 'unknown_resource'],
    [{ type: 'ref/resource' }, 'unknown_resource'],
  ])('with ref %o is refused', async (ref, reason) => {
    const params: JsonObject = ref === undefined ? { argument } : { ref, argument };
    expect(await call('completion/complete', params)).toMatchObject({ error: -32602, reason });
  });
});

describe('server/discover', () => {
  const docs = new FakeServer('docs', {
    capabilities: { tools: {}, resources: { subscribe: true }, tasks: {}, experimental: { x: {} } },
    instructions: 'Read first.',
  });
  const wiki = new FakeServer('wiki', {
    capabilities: { tools: { listChanged: true }, prompts: {}, logging: {} },
  });
  const dead = new FakeServer('dead', { broken: true, instructions: 'never seen' });

  it('of several servers is what they can do together, under our own name', async () => {
    const said = await routerOver(docs, dead, wiki)('server/discover');
    expect(said).toMatchObject({
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: { listChanged: true }, prompts: {}, logging: {} },
      instructions: '# docs\nRead first.',
      cacheScope: 'private',
      _meta: { [META.serverInfo]: SELF },
    });
    expect(said['capabilities']).not.toHaveProperty('tasks');
    expect(said['capabilities']).not.toHaveProperty('experimental');
  });

  it('of one server is what it says, under its own name', async () => {
    const said = await routerOver(docs, wiki)('server/discover', {}, 'docs');
    expect(said).toMatchObject({
      instructions: 'Read first.',
      _meta: { [META.serverInfo]: { name: 'docs itself' } },
    });
  });
});
