import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { JsonObject } from '../core/json.ts';
import { MODERN_VERSION } from '../core/protocol.ts';
import type { Reply } from '../core/reply.ts';
import { Trail } from '../core/trail.ts';
import { Connection } from './connection.ts';
import { Lanes } from './lanes.ts';
import type { Pin } from './peer.ts';
import { RemoteTransport } from './transport/remote.ts';
import { accept, json, type Respond, serve, stream } from './transport/testing.ts';

/** What a server behind a URL is found to be, and how its calls fare: from the lanes down to the socket. */
function lanesTo(url: string, options: { pinned?: Pin; capabilities?: JsonObject } = {}): Lanes {
  const { pinned, capabilities = {} } = options;
  const lanes = new Lanes({
    ending: () => {},
    connect: () =>
      new Connection({
        name: 'far',
        opening: {
          self: { name: 'sallyport', version: '1' },
          times: { callMs: 5000, startMs: 2000 },
          capabilities,
          pinned,
        },
        log: pino({ level: 'silent' }),
        era: { known: undefined },
        start: (events) =>
          new RemoteTransport(
            {
              server: { url, headers: {}, transport: undefined, allowPrivate: false },
              messageLimit: 100_000,
              stopMs: 200,
            },
            events,
          ),
        onNotification: () => {},
        onReturn: () => {},
      }),
  });
  onTestFinished(() => lanes.stop());
  return lanes;
}

function callOf(params: JsonObject = {}, more: Partial<Call> = {}): Call {
  return {
    id: '1',
    principal: { id: 'alice', via: 'token' },
    client: { era: 'modern', protocolVersion: MODERN_VERSION, info: undefined, capabilities: {} },
    scope: undefined,
    method: 'tools/call',
    params,
    meta: undefined,
    answers: undefined,
    wantsProgress: false,
    logLevel: undefined,
    cancellation: new Cancellation(),
    trail: new Trail(),
    notify: () => {},
    ...more,
  };
}

async function said(reply: Promise<Reply>): Promise<string> {
  const settled = await reply;
  if (settled.kind === 'result') return settled.body.text;
  return settled.kind === 'failure' ? settled.error.message : JSON.stringify(settled.inputRequests);
}

const DISCOVERED = { supportedVersions: [MODERN_VERSION], capabilities: {}, resultType: 'complete' };
const INITIALIZED = { protocolVersion: '2025-06-18', capabilities: { logging: {} }, serverInfo: {} };

const modern: Respond = (request, res) => {
  if (request.headers['mcp-protocol-version'] !== MODERN_VERSION) return res.writeHead(400).end();
  return accept(
    request,
    res,
    request.rpc === 'server/discover' ? DISCOVERED : { resultType: 'complete', ok: 1 },
  );
};
const legacy: Respond = (request, res) => {
  if (request.method === 'GET') return res.writeHead(405).end();
  if (request.rpc === 'server/discover') return res.writeHead(400).end('Bad Request: Server not initialized');
  return accept(request, res, request.rpc === 'initialize' ? INITIALIZED : { ok: 2 });
};

/** A server with sessions that forgets them at some of its calls. */
function forgetful(forgets: (call: number) => boolean): { respond: Respond; sessions: () => number } {
  let sessions = 0;
  let calls = 0;
  return {
    sessions: () => sessions,
    respond: (request, res) => {
      if (request.rpc === 'initialize') {
        sessions += 1;
        res.setHeader('mcp-session-id', `s${sessions}`);
      }
      if (request.rpc === 'tools/call' && forgets(++calls)) return res.writeHead(404).end();
      return legacy(request, res);
    },
  };
}

const ask = (message: unknown): object => ({
  id: String(message),
  method: 'elicitation/create',
  params: { message },
});

describe('the version of a server behind a URL', () => {
  it('is the modern one when it answers the modern question', async () => {
    const { url, seen } = await serve(modern);
    const lanes = lanesTo(url);
    expect(await lanes.ready()).toMatchObject({ era: 'modern' });
    expect(await said(lanes.call(callOf({ name: 'a' })))).toBe('{"ok":1}');
    expect(seen.map(({ rpc }) => rpc)).toEqual(['server/discover', 'tools/call']);
  });

  it('is a legacy one when it refuses that question in words of its own', async () => {
    const { url, seen } = await serve(legacy);
    expect(await lanesTo(url).ready()).toMatchObject({ era: 'legacy', protocolVersion: '2025-06-18' });
    expect(seen.map(({ rpc }) => rpc).slice(0, 2)).toEqual(['server/discover', 'initialize']);
    expect(seen[1]?.body).toMatchObject({ params: { protocolVersion: '2025-11-25' } });
  });

  it.each([
    ['an error in a good answer', 200, { code: -32601, message: 'Method not found' }],
    ['an error of its own', 400, { code: -32000, message: 'Server not initialized' }],
    [
      'versions of which it names a legacy one',
      400,
      { code: -32022, message: '', data: { supported: ['2025-11-25'] } },
    ],
  ])('is a legacy one when it answers with %s', async (_what, status, error) => {
    const { url } = await serve((request, res) => {
      if (request.rpc !== 'server/discover') return legacy(request, res);
      return json(res, status, { jsonrpc: '2.0', id: request.body['id'], error });
    });
    expect(await lanesTo(url).ready()).toMatchObject({ era: 'legacy' });
  });

  it.each([
    [401, {}],
    [403, {}],
    [429, {}],
    [500, {}],
    [503, { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'starting' } }],
    [400, { jsonrpc: '2.0', id: null, error: { code: -32020, message: 'HeaderMismatch' } }],
    [
      400,
      { jsonrpc: '2.0', id: null, error: { code: -32022, message: '', data: { supported: ['2027-01-01'] } } },
    ],
  ])('is not guessed from %i %j', async (status, body) => {
    const { url, seen } = await serve((_request, res) => json(res, status, body));
    expect(await lanesTo(url).ready()).toMatchObject({ kind: 'failure' });
    expect(new Set(seen.map(({ rpc }) => rpc))).toEqual(new Set(['server/discover']));
  });

  it('is not guessed from silence', async () => {
    const { url, seen } = await serve(() => {});
    expect(await said(lanesTo(url).call(callOf()))).toContain('did not answer in time');
    expect(new Set(seen.map(({ rpc }) => rpc))).toEqual(new Set(['server/discover']));
  });

  it('is the one that the configuration says', async () => {
    const { url, seen } = await serve(legacy);
    const pinned = { era: 'legacy', version: '2025-03-26' } as const;
    expect(await lanesTo(url, { pinned }).ready()).toMatchObject({ era: 'legacy' });
    expect(seen[0]).toMatchObject({ rpc: 'initialize', body: { params: { protocolVersion: '2025-03-26' } } });
  });

  it('is not another one than the configuration says', async () => {
    const { url, seen } = await serve(legacy);
    const pinned = { era: 'modern', version: MODERN_VERSION } as const;
    expect(await lanesTo(url, { pinned }).ready()).toMatchObject({ kind: 'failure' });
    expect(new Set(seen.map(({ rpc }) => rpc))).toEqual(new Set(['server/discover']));
  });
});

describe('a call to a server that forgot the session', () => {
  it('is made once more in a new session', async () => {
    const { respond, sessions } = forgetful((call) => call === 2);
    const { url } = await serve(respond);
    const lanes = lanesTo(url);
    expect(await said(lanes.call(callOf()))).toBe('{"ok":2}');
    expect(await said(lanes.call(callOf()))).toBe('{"ok":2}');
    expect(sessions()).toBe(2);
  });

  it('is made once more, and so are those that were under way with it', async () => {
    const { respond, sessions } = forgetful((call) => call > 1 && call < 5);
    const { url } = await serve(respond);
    const lanes = lanesTo(url);
    await lanes.call(callOf());
    const replies = await Promise.all([1, 2, 3].map(() => said(lanes.call(callOf()))));
    expect(replies).toEqual(Array(3).fill('{"ok":2}'));
    expect(sessions()).toBe(2);
  });

  it('is not made a third time', async () => {
    const { respond } = forgetful((call) => call > 1);
    const { url, seen } = await serve(respond);
    const lanes = lanesTo(url);
    await lanes.call(callOf());
    expect(await said(lanes.call(callOf()))).toContain('no longer knows the session');
    expect(seen.filter(({ rpc }) => rpc === 'tools/call')).toHaveLength(3);
  });
});

describe('headers that repeat parameters', () => {
  const TOOLS: JsonObject = {
    resultType: 'complete',
    tools: [
      { name: 'a', inputSchema: { properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } } },
      { name: 'bad', inputSchema: { 'x-mcp-header': 'X' } },
    ],
  };
  const strict: Respond = (request, res) => {
    if (request.rpc === 'tools/list') return accept(request, res, TOOLS);
    if (request.rpc !== 'tools/call' || request.headers['mcp-param-region'] === 'eu')
      return modern(request, res);
    const error = { code: -32020, message: 'HeaderMismatch' };
    return json(res, 400, { jsonrpc: '2.0', id: request.body['id'], error });
  };
  const call = callOf({ name: 'a', arguments: { region: 'eu' } });

  it('are sent once the tool is known', async () => {
    const { url, seen } = await serve(strict);
    const lanes = lanesTo(url);
    expect(await said(lanes.call(callOf({}, { method: 'tools/list' })))).not.toContain('bad');
    expect(await said(lanes.call(call))).toBe('{"ok":1}');
    expect(seen.filter(({ rpc }) => rpc === 'tools/call')).toHaveLength(1);
  });

  it('are looked up when the server misses them', async () => {
    const { url, seen } = await serve(strict);
    expect(await said(lanesTo(url).call(call))).toBe('{"ok":1}');
    expect(seen.map(({ rpc }) => rpc)).toEqual(['server/discover', 'tools/call', 'tools/list', 'tools/call']);
  });

  it('are looked up once', async () => {
    const { url, seen } = await serve(strict);
    await lanesTo(url).call(callOf({ name: 'a', arguments: { region: 'us' } }));
    expect(seen.filter(({ rpc }) => rpc === 'tools/call')).toHaveLength(2);
  });
});

describe('questions of a legacy server behind a URL', () => {
  const CAPABILITIES = { elicitation: {} };
  const asking = (params: JsonObject): Call =>
    callOf(params, {
      client: { era: 'modern', protocolVersion: MODERN_VERSION, info: undefined, capabilities: CAPABILITIES },
    });
  it('reach the call on whose stream they come, several at the same time', async () => {
    const { url } = await serve((request, res) => {
      if (request.rpc !== 'tools/call') return legacy(request, res);
      const { name } = request.body['params'] as JsonObject;
      return stream(res)(ask(name));
    });
    const lanes = lanesTo(url, { capabilities: CAPABILITIES });
    const replies = await Promise.all(['x', 'y', 'z'].map((name) => said(lanes.call(asking({ name })))));
    expect(replies.map((reply) => /"message":"(.)"/.exec(reply)?.[1])).toEqual(['x', 'y', 'z']);
    expect(lanes.connections).toHaveLength(1);
  });

  it("on the server's own stream reach the only call there is, and nobody where there are two", async () => {
    const answered: JsonObject[] = [];
    const streams: ((message: object) => void)[] = [];
    const { url, seen } = await serve((request, res) => {
      if (request.method === 'GET') return streams.push(stream(res));
      if (request.rpc === '') {
        answered.push(request.body);
        return res.writeHead(202).end();
      }
      if (request.rpc !== 'tools/call') return legacy(request, res);
      return stream(res);
    });
    const lanes = lanesTo(url, { capabilities: CAPABILITIES });
    const calls = [lanes.call(asking({ name: 'x' })), lanes.call(asking({ name: 'y' }))];
    await vi.waitFor(() => expect(seen.filter(({ rpc }) => rpc === 'tools/call')).toHaveLength(2));
    await vi.waitFor(() => expect(streams).toHaveLength(1));
    streams[0]?.(ask('for whom?'));
    await vi.waitFor(() => expect(answered).toMatchObject([{ id: 'for whom?', error: { code: -32600 } }]));
    // From now on such calls come one at a time.
    expect(await lanes.ready()).toMatchObject({ oneAtATime: true });
    await lanes.stop();
    expect((await Promise.all(calls)).map(({ kind }) => kind)).toEqual(['failure', 'failure']);
  });

  it("on the server's own stream reach the only call there is", async () => {
    const streams: ((message: object) => void)[] = [];
    const { url } = await serve((request, res) => {
      if (request.method === 'GET') return streams.push(stream(res));
      if (request.rpc !== 'tools/call') return legacy(request, res);
      stream(res);
      return vi.waitFor(() => expect(streams).toHaveLength(1)).then(() => streams[0]?.(ask('you')));
    });
    const lanes = lanesTo(url, { capabilities: CAPABILITIES });
    expect(await said(lanes.call(asking({})))).toContain('"message":"you"');
  });
});
