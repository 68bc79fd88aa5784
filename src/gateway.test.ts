import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { pino, type Logger } from 'pino';
import { describe, expect, it } from 'vitest';
import { CHILD, eventually, isAlive } from '../test/support/processes.ts';
import { configFile, type Config, type ServerConfig } from './config/schema.ts';
import type { JsonObject } from './core/json.ts';
import { META, MODERN_VERSION } from './core/protocol.ts';
import { createGateway, type Gateway, ListenError } from './gateway.ts';

const TOKEN = 'sp_test_7Qm2xV9kLr4tYw8zAb3cDe5fGh6jKn1p';

/** A server that is started with Node. */
function server(name: string, ...args: string[]): ServerConfig {
  return { name, kind: 'stdio', command: process.execPath, args, env: {}, cwd: undefined };
}

const child = (name: string, ...args: string[]): ServerConfig => server(name, CHILD, '--name', name, ...args);

function configOf(servers: readonly ServerConfig[], changes: Partial<Config> = {}): Config {
  const { mcpServers: _, $schema: __, publicUrl, ...defaults } = configFile.parse({ listen: '127.0.0.1:0' });
  const timeouts = { ...defaults.timeouts, startMs: 10_000, callMs: 10_000, stopMs: 1000 };
  return { ...defaults, publicUrl, timeouts, servers, ...changes };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly last: {
    id?: unknown;
    result?: JsonObject;
    error?: { code: number; message: string; data?: JsonObject };
  };
}

/** A gateway with the log it wrote, and a client of it. */
interface Running extends AsyncDisposable {
  readonly gateway: Gateway;
  /** Every line of the log, at its most talkative. */
  readonly log: string[];
  /** A request of 2026-07-28 to `/mcp`, or to the endpoint of one server. */
  call(
    method: string,
    params?: JsonObject,
    options?: { server?: string; meta?: JsonObject; text?: (json: string) => string },
  ): Promise<Answer>;
  tool(name: string, input?: JsonObject, server?: string): Promise<Answer>;
  /** A request as it is, with the token. */
  send(path: string, body?: string, headers?: Record<string, string>, agent?: Agent): Promise<Answer>;
}

async function start(servers: readonly ServerConfig[], changes: Partial<Config> = {}): Promise<Running> {
  const log: string[] = [];
  const logger: Logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
  const config = configOf(servers, changes);
  const gateway = await createGateway({ config, auth: { kind: 'token', token: TOKEN }, log: logger });
  await gateway.settled();
  const send: Running['send'] = (path, body, headers = {}, agent = new Agent()) =>
    exchange(gateway.listening.port, path, body, headers, agent);
  const call: Running['call'] = (method, params = {}, options = {}) => {
    const target = method === 'resources/read' ? params['uri'] : params['name'];
    const meta = { [META.protocolVersion]: MODERN_VERSION, [META.clientCapabilities]: {}, ...options.meta };
    const json = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } });
    return send(
      options.server === undefined ? '/mcp' : `/servers/${options.server}/mcp`,
      options.text?.(json) ?? json,
      {
        'mcp-protocol-version': MODERN_VERSION,
        'mcp-method': method,
        ...(typeof target === 'string' && { 'mcp-name': target }),
      },
    );
  };
  return {
    gateway,
    log,
    send,
    call,
    tool: (name, input = {}, of) =>
      call('tools/call', { name, arguments: input }, of === undefined ? {} : { server: of }),
    [Symbol.asyncDispose]: () => gateway.close(),
  };
}

function exchange(
  port: number,
  path: string,
  body: string | undefined,
  headers: Record<string, string>,
  agent: Agent,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const usual = {
      authorization: `Bearer ${TOKEN}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    };
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request(
      { host: '127.0.0.1', port, path, method, headers: { ...usual, ...headers }, agent },
      (res) => {
        let text = '';
        res.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        res.on('error', reject).on('end', () => {
          const [last = '{}'] = /^data: .*$/m.test(text)
            ? (text.match(/(?<=^data: ).*$/gm) ?? []).slice(-1)
            : [text];
          resolve({
            status: res.statusCode ?? 0,
            headers: res.headers,
            text,
            last: parsed(last),
          });
        });
      },
    );
    asked.on('error', reject).end(body);
  });
}

/** The message that a text is; nothing where it is none. */
function parsed(text: string): Answer['last'] {
  try {
    return JSON.parse(text) as Answer['last'];
  } catch {
    return {};
  }
}

function textOf({ last }: Answer): string {
  const content = last.result?.['content'] as { text: string }[] | undefined;
  return content?.[0]?.text ?? '';
}

async function toolsOf(running: Running, of?: string): Promise<string[]> {
  const { last } = await running.call('tools/list', {}, of === undefined ? {} : { server: of });
  const tools = last.result?.['tools'] as { name: string }[] | undefined;
  return (tools ?? []).map(({ name }) => name);
}

async function pidOf(running: Running, tool: string): Promise<number> {
  return (JSON.parse(textOf(await running.tool(tool))) as { pid: number }).pid;
}

async function openSession(running: Running): Promise<Record<string, string>> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
  const hello = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  const { headers } = await running.send('/mcp', hello);
  return { 'mcp-session-id': String(headers['mcp-session-id']) };
}

const legacyCall = (name: string, input: JsonObject): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name, arguments: input } });

describe('one server', () => {
  it('is reached by both eras under its own names, and only with the token', async () => {
    await using running = await start([child('files')]);
    const { gateway } = running;
    expect(gateway.endpoint).toBe(`http://127.0.0.1:${gateway.listening.port}/mcp`);
    expect(gateway.status()).toMatchObject([{ name: 'files', kind: 'stdio', state: 'ready', era: 'legacy' }]);
    expect(await toolsOf(running)).toContain('echo');
    expect(textOf(await running.tool('echo', { text: 'modern é' }))).toBe('modern é');
    const session = await openSession(running);
    const legacy = await running.send('/mcp', legacyCall('echo', { text: 'legacy' }), session);
    expect(textOf(legacy)).toBe('legacy');
    expect((await running.send('/health/ready')).status).toBe(200);
    for (const authorization of ['', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`]) {
      const answer = await running.send('/mcp', legacyCall('echo', {}), { ...session, authorization });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="sallyport", error="invalid_token"');
      expect(answer.text).not.toContain(TOKEN);
    }
  });

  it('gets nothing of the token, nor of whom it is called by', async () => {
    await using running = await start([child('files')]);
    const answer = await running.tool('whoami');
    expect(textOf(answer)).toContain('"name":"files"');
    expect(textOf(answer)).not.toContain(TOKEN);
    expect(textOf(await running.tool('received'))).not.toMatch(/token:default|sp_test/);
  });

  it('that does not start is told of, and nothing else suffers', async () => {
    await using running = await start([child('good'), child('bad', '--refuse', 'no database here')]);
    const [good, bad] = running.gateway.status();
    expect(good).toMatchObject({ name: 'good', state: 'ready' });
    expect(bad).toMatchObject({ name: 'bad', state: 'failed' });
    expect(bad?.stderrTail?.join('\n')).toContain('no database here');
    expect(JSON.parse((await running.send('/health/ready')).text)).toEqual({
      status: 'degraded',
      servers: [
        { name: 'good', state: 'ready' },
        { name: 'bad', state: 'failed' },
      ],
    });
    expect(textOf(await running.tool('good__echo', { text: 'here' }))).toBe('here');
    expect((await running.tool('bad__echo')).last.error?.message).toContain('no database here');
  });
});

describe('several servers', () => {
  it('have their names before their tools, and each an endpoint of its own without', async () => {
    await using running = await start([child('one'), child('two', '--era', 'modern')]);
    const names = await toolsOf(running);
    expect(names).toEqual(expect.arrayContaining(['one__echo', 'two__echo']));
    expect(names.filter((name) => !/^(one|two)__/.test(name))).toEqual([]);
    expect(await toolsOf(running, 'two')).toContain('echo');
    const name = async (tool: string, of?: string): Promise<unknown> =>
      (JSON.parse(textOf(await running.tool(tool, {}, of))) as JsonObject)['name'];
    expect(await name('one__whoami')).toBe('one');
    expect(await name('two__whoami')).toBe('two');
    expect(await name('whoami', 'one')).toBe('one');
    expect(await name('whoami', 'two')).toBe('two');
    for (const tool of [
      'echo',
      'three__echo',
      'one_echo',
      '__echo',
      'one__',
      '__proto__',
      'constructor__echo',
    ])
      expect((await running.tool(tool)).last.error, tool).toMatchObject({ code: -32602 });
  });

  it.each(['three', '__proto__', 'constructor', 'toString', '..'])(
    'are not called %s: 404, and which name it was',
    async (name) => {
      await using running = await start([]);
      const answer = await running.call('tools/list', {}, { server: name });
      expect(answer.status).toBe(404);
      expect(answer.last.error).toMatchObject({ code: -32602, data: { reason: 'no_such_server' } });
      expect(answer.last.error?.message).toContain(JSON.stringify(name));
    },
  );
});

describe('reload', () => {
  it('says what it did, restarts what changed, and keeps the rest with its sessions', async () => {
    await using running = await start([child('kept'), child('changed'), child('removed')]);
    const session = await openSession(running);
    const before = {
      kept: await pidOf(running, 'kept__whoami'),
      changed: await pidOf(running, 'changed__whoami'),
      removed: await pidOf(running, 'removed__whoami'),
    };
    const report = await running.gateway.reload(
      configOf([child('added'), child('changed', '--items', '1'), child('kept')], { allowedHosts: ['x'] }),
    );
    expect(report).toEqual({
      added: ['added'],
      removed: ['removed'],
      changed: ['changed'],
      kept: ['kept'],
      needsRestart: ['allowedHosts'],
    });
    await running.gateway.settled();
    expect(running.gateway.status().map(({ name, state }) => [name, state])).toEqual([
      ['added', 'ready'],
      ['changed', 'ready'],
      ['kept', 'ready'],
    ]);
    expect(await pidOf(running, 'kept__whoami')).toBe(before.kept);
    expect(await pidOf(running, 'changed__whoami')).not.toBe(before.changed);
    expect([isAlive(before.changed), isAlive(before.removed)]).toEqual([false, false]);
    const answer = await running.send('/mcp', legacyCall('added__echo', { text: 'new' }), session);
    expect(textOf(answer)).toBe('new');
  });

  it('with the same configuration changes nothing', async () => {
    await using running = await start([child('a')]);
    const pid = await pidOf(running, 'whoami');
    const { kept, ...rest } = await running.gateway.reload(configOf([child('a')]));
    expect({ kept, rest }).toEqual({
      kept: ['a'],
      rest: { added: [], removed: [], changed: [], needsRestart: [] },
    });
    expect(await pidOf(running, 'whoami')).toBe(pid);
  });

  it('from one server to two gives them names, and back', async () => {
    await using running = await start([child('a')]);
    expect(await toolsOf(running)).toContain('echo');
    await running.gateway.reload(configOf([child('a'), child('b')]));
    await running.gateway.settled();
    expect(await toolsOf(running)).toContain('a__echo');
    await running.gateway.reload(configOf([child('b')]));
    expect(await toolsOf(running)).toContain('echo');
  });
});

describe('close', () => {
  it('leaves no process behind, not even of those that would like to stay', async () => {
    const running = await start([child('a'), child('b', '--stubborn')]);
    const pids = [
      await pidOf(running, 'a__whoami'),
      await pidOf(running, 'b__whoami'),
      Number(textOf(await running.tool('a__grandchild'))),
    ];
    expect(pids.map(isAlive)).toEqual([true, true, true]);
    await running.gateway.close();
    await eventually('all of them are gone', () => !pids.some(isAlive), 3000);
    await expect(running.send('/health')).rejects.toThrow('ECONNREFUSED');
  });

  it.each(['modern', 'legacy'])('lets a call of a %s client end, and does not wait longer', async (era) => {
    const running = await start([child('a')]);
    const agent = new Agent({ keepAlive: true });
    const input = { text: 'finished', delayMs: 500 };
    const session = await openSession(running);
    const answer =
      era === 'modern'
        ? running.tool('echo', input)
        : running.send('/mcp', legacyCall('echo', input), session, agent);
    await eventually('the server has it', async () =>
      textOf(await running.tool('received')).includes('finished'),
    );
    const started = performance.now();
    const closing = running.gateway.close();
    expect(textOf(await answer)).toBe('finished');
    await closing;
    agent.destroy();
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it('does not wait for somebody who only listens', async () => {
    const running = await start([child('a')]);
    const session = await openSession(running);
    const listening = running.send('/mcp', undefined, session);
    await running.tool('echo', { text: 'x' });
    const started = performance.now();
    await running.gateway.close();
    expect(performance.now() - started).toBeLessThan(3000);
    await listening.catch(() => {});
  });
});

describe('an address that is taken', () => {
  it('is an error, and no server is started for it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const error: unknown = await start([child('a')], { listen: { host: '127.0.0.1', port } }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(ListenError);
    expect(String(error)).toContain(`127.0.0.1:${port}`);
    other.close();
  });
});

describe('the endpoint', () => {
  it('is named by publicUrl where there is one, and served with and without its prefix', async () => {
    await using running = await start([child('a')], { publicUrl: 'https://mcp.example.com/gw' });
    expect(running.gateway.endpoint).toBe('https://mcp.example.com/gw/mcp');
    const host = { host: 'mcp.example.com', authorization: 'none' };
    for (const path of ['/gw/mcp', '/mcp']) expect((await running.send(path, '{}', host)).status).toBe(401);
  });

  it('of an IPv6 address has it in brackets', async () => {
    await using running = await start([], { listen: { host: '::1', port: 0 } });
    expect(running.gateway.endpoint).toBe(`http://[::1]:${running.gateway.listening.port}/mcp`);
  });
});

describe('the log', () => {
  const CANARY = 'canary-9d3e';

  it('at its most talkative holds no arguments, results, tokens or session ids', async () => {
    const running = await start([child('a')]);
    const session = await openSession(running);
    await running.tool('echo', { text: CANARY });
    await running.tool('fail', { message: CANARY });
    await running.tool('rpc_error', { code: 42, message: CANARY, data: { [CANARY]: CANARY } });
    await running.tool('structured', { value: { [CANARY]: CANARY } });
    await running.tool('big', { bytes: 300_000, canary: CANARY });
    await running.tool('log', { level: 'error', data: CANARY });
    await running.tool('progress', { label: CANARY });
    await running.call('tools/call', { name: 'echo', arguments: CANARY });
    await running.call('prompts/get', { name: 'x', arguments: { a: CANARY } });
    await running.call('completion/complete', {
      ref: { type: 'ref/prompt', name: 'x' },
      argument: { value: CANARY },
    });
    await running.call('tools/call', {
      name: 'echo',
      requestState: CANARY,
      inputResponses: { [CANARY]: {} },
    });
    await running.send('/mcp', legacyCall('echo', { text: CANARY }), session);
    await running.send('/mcp', `{"${CANARY}`, session);
    await running.send(`/${CANARY}?token=${TOKEN}`, '{}');
    await running.send('/mcp', '{}', { authorization: `Bearer ${CANARY}` });
    await running.gateway.close();
    const log = running.log.join('');
    expect(log).toContain('"msg":"call"');
    for (const secret of [CANARY, TOKEN, session['mcp-session-id'] ?? '']) expect(log).not.toContain(secret);
  });
});

/** A legacy server whose answers are made by the statements given; `id` and `token` are of the request. */
const evil = (answers: string): ServerConfig =>
  server(
    'evil',
    '-e',
    `const say = (line) => process.stdout.write(line + '\\n');
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const { id, method, params } = JSON.parse(line);
      const token = params?._meta?.progressToken;
      if (method === 'initialize') say(JSON.stringify({ jsonrpc: '2.0', id, result: {
        protocolVersion: params.protocolVersion, capabilities: { tools: {}, resources: {} }, serverInfo: { name: 'e', version: '1' } } }));
      else if (params?.uri === 'x:good') say(JSON.stringify({ jsonrpc: '2.0', id, result: { contents: [] } }));
      else if (id !== undefined) { ${answers} }
    });`,
  );

describe('a server that answers what nobody can use', () => {
  const DEEP = `'['.repeat(20000) + ']'.repeat(20000)`;
  it.each<[string, string]>([
    [
      'a large result that is no JSON',
      'say(`{"jsonrpc":"2.0","id":${id},"result":{"ttlMs" ${\'x\'.repeat(200000)}}}`)',
    ],
    [
      'a result nested too deep',
      `say('{"jsonrpc":"2.0","id":' + id + ',"result":{"ttlMs":1,"a":' + ${DEEP} + '}}')`,
    ],
    [
      'one with its members in another order',
      `say('{"id":' + id + ',"jsonrpc":"2.0","result":{"a":' + ${DEEP} + '}}')`,
    ],
    [
      'an error nested too deep',
      `say('{"jsonrpc":"2.0","id":' + id + ',"error":{"code":1,"message":"m","data":' + ${DEEP} + '}}')`,
    ],
    [
      'progress nested too deep',
      `say('{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":' + token + ',"progress":1,"message":' + ${DEEP} + '}}');
      say(JSON.stringify({ jsonrpc: '2.0', id, result: {} }))`,
    ],
    [
      'a log message nested too deep',
      `say('{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","data":' + ${DEEP} + '}}');
      say(JSON.stringify({ jsonrpc: '2.0', id, result: {} }))`,
    ],
    [
      'a question nested too deep',
      `say('{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"message":' + ${DEEP} + '}}');
      say(JSON.stringify({ jsonrpc: '2.0', id, result: {} }))`,
    ],
  ])('%s: the gateway goes on', async (_title, answers) => {
    await using running = await start([evil(answers)]);
    const session = await openSession(running);
    const meta = { progressToken: 1, [META.logLevel]: 'debug' };
    const read = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'resources/read',
      params: { uri: 'x:bad', _meta: meta },
    });
    await running.call('resources/read', { uri: 'x:bad' }).catch(() => {});
    await running.send('/mcp', read, session).catch(() => {});
    expect((await running.call('resources/read', { uri: 'x:good' })).last.result).toMatchObject({
      contents: [],
    });
  });
});

describe('a client that answers what nobody can use', () => {
  it('an answer nested too deep: the gateway goes on', async () => {
    await using running = await start([child('a')]);
    const question = {
      method: 'elicitation/create',
      params: { message: '?', requestedSchema: { type: 'object', properties: {} } },
    };
    const tool = { name: 'ask', arguments: question };
    const meta = { [META.clientCapabilities]: { elicitation: {} } };
    const asked = await running.call('tools/call', tool, { meta });
    const { inputRequests = {}, requestState = '' } = asked.last.result ?? {};
    const [key = ''] = Object.keys(inputRequests as JsonObject);
    const again = {
      ...tool,
      requestState,
      inputResponses: { [key]: { action: 'accept', content: { x: 'HERE' } } },
    };
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    await running
      .call('tools/call', again, { meta, text: (json) => json.replace('"HERE"', deep) })
      .catch(() => {});
    expect(textOf(await running.tool('echo', { text: 'still here' }))).toBe('still here');
  });
});
