import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { Body } from '../../core/body.ts';
import type { Call } from '../../core/call.ts';
import type { JsonObject } from '../../core/json.ts';
import { META, MODERN_VERSION } from '../../core/protocol.ts';
import { type Reply, result } from '../../core/reply.ts';
import { StdioEdge } from './edge.ts';

interface Said {
  id?: unknown;
  method?: string;
  params?: JsonObject;
  result?: JsonObject;
  error?: { code: number; message: string };
}

/** A client at the other ends of the pipes. */
interface Talk {
  readonly edge: StdioEdge;
  readonly calls: Call[];
  readonly input: PassThrough;
  readonly output: PassThrough;
  /** All that was written so far. */
  readonly written: () => string;
  readonly say: (...messages: (JsonObject | readonly JsonObject[] | string)[]) => void;
  /** The next message that answers this, once it is there. */
  readonly heard: (is: (said: Said) => boolean) => Promise<Said>;
}

const open: Talk[] = [];
afterEach(async () => {
  for (const { edge } of open.splice(0)) await edge.drain(0);
});

function talk(handle: (call: Call) => Promise<Reply> | Reply = () => result({})): Talk {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const calls: Call[] = [];
  const waiting: (() => void)[] = [];
  const heard: Said[] = [];
  let written = '';
  output.on('data', (chunk: Buffer) => {
    written += chunk.toString('utf8');
    // Every line there is must be JSON.
    const lines = written.split('\n').slice(0, -1);
    heard.push(...lines.slice(heard.length).map((line) => JSON.parse(line) as Said));
    for (const look of waiting) look();
  });
  const edge = new StdioEdge({
    handle: async (call) => {
      if (call.client.era === 'legacy' && call.method === 'subscriptions/listen')
        return new Promise((resolve) => call.cancellation.onCancel(() => resolve(result({}))));
      calls.push(call);
      return call.method === 'server/discover' ? result({ capabilities: { tools: {} } }) : handle(call);
    },
    self: { name: 'edge', version: '1.2.3' },
    lineBytes: 1000,
    principal: { id: 'me', via: 'none' },
    input,
    output,
  });
  const made: Talk = {
    edge,
    calls,
    input,
    output,
    written: () => written,
    say: (...messages) =>
      void input.write(
        messages.map((each) => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`).join(''),
      ),
    heard: (is) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = heard.find(is);
          if (found) resolve(found);
        };
        waiting.push(look);
        look();
      }),
  };
  open.push(made);
  return made;
}

const answers =
  (id: unknown) =>
  (said: Said): boolean =>
    said.id === id && said.method === undefined;

function request(id: number | string, method: string, params: JsonObject = {}): JsonObject {
  return { jsonrpc: '2.0', id, method, params };
}

function modern(
  id: number | string,
  method: string,
  params: JsonObject = {},
  meta: JsonObject = {},
): JsonObject {
  const envelope = { [META.protocolVersion]: MODERN_VERSION, [META.clientCapabilities]: {}, ...meta };
  return request(id, method, { ...params, _meta: envelope });
}

function hello(protocolVersion = '2025-11-25', capabilities: JsonObject = {}): JsonObject {
  return request(0, 'initialize', { protocolVersion, capabilities, clientInfo: { name: 'c', version: '1' } });
}

const cancel = (requestId: number): JsonObject => ({
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId },
});

/** Lets everything that can go on go on. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

describe('a legacy client on pipes', () => {
  it.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])('opens with %s', async (version) => {
    const { say, heard } = talk();
    say(hello(version));
    expect(await heard(answers(0))).toMatchObject({
      result: { protocolVersion: version, capabilities: { tools: {} }, serverInfo: { name: 'edge' } },
    });
  });

  it('is told to open first, and only once', async () => {
    const { say, heard } = talk();
    say(request(1, 'tools/list'), request(2, 'ping'));
    expect((await heard(answers(1))).error?.message).toContain('initialize');
    expect((await heard(answers(2))).result).toEqual({});
    say(hello());
    await heard(answers(0));
    say({ ...hello(), id: 3 });
    expect((await heard(answers(3))).error?.message).toContain('initialized already');
  });

  it('is asked in the middle of its call, and hears of progress and logs', async () => {
    const { say, heard, calls } = talk((call) => {
      call.notify({ method: 'notifications/progress', params: { progress: 1 } });
      call.notify({ method: 'notifications/message', params: { level: 'info', data: 'hi' } });
      if (call.answers) return result({ said: Object.fromEntries(call.answers.responses) as never });
      return {
        kind: 'input_required',
        inputRequests: { where: { method: 'roots/list' } },
        requestState: 's',
      };
    });
    say(hello('2025-11-25', { roots: {} }));
    await heard(answers(0));
    say(request(7, 'tools/call', { name: 'x', _meta: { progressToken: 'p' } }));
    const asked = await heard(({ method }) => method === 'roots/list');
    say({ jsonrpc: '2.0', id: asked.id as number, result: { roots: [] } });
    expect((await heard(answers(7))).result).toEqual({ said: { where: { result: { roots: [] } } } });
    expect(await heard(({ method }) => method === 'notifications/progress')).toMatchObject({
      params: { progress: 1, progressToken: 'p' },
    });
    expect(await heard(({ method }) => method === 'notifications/message')).toMatchObject({
      params: { data: 'hi' },
    });
    expect(calls.at(-1)?.answers?.state).toBe('s');
  });

  it('sends batches where its version has them', async () => {
    const { say, heard } = talk();
    say(hello('2025-03-26'));
    await heard(answers(0));
    say([request(1, 'ping'), request('two', 'tools/list')]);
    await Promise.all([heard(answers(1)), heard(answers('two'))]);
    const other = talk();
    other.say(hello());
    await other.heard(answers(0));
    other.say([request(1, 'ping')]);
    expect((await other.heard(answers(null))).error?.message).toContain('2025-03-26');
  });

  it('cancels a call', async () => {
    const cancelled: string[] = [];
    const { say, heard } = talk(
      (call) =>
        new Promise((resolve) => {
          call.cancellation.onCancel((reason) => {
            cancelled.push(reason);
            resolve(result({}));
          });
        }),
    );
    say(hello());
    await heard(answers(0));
    say(request(5, 'tools/call', { name: 'slow' }), cancel(5));
    await heard(answers(5));
    expect(cancelled).toEqual(['the client cancelled the request']);
  });
});

describe('a modern client on pipes', () => {
  it('needs no headers and no session', async () => {
    const { say, heard, calls } = talk();
    say(modern(1, 'tools/call', { name: 'x' }), modern(2, 'server/discover'));
    expect((await heard(answers(1))).result).toMatchObject({ resultType: 'complete' });
    expect((await heard(answers(2))).result).toMatchObject({ ttlMs: 0, cacheScope: 'private' });
    expect(calls[0]).toMatchObject({
      principal: { id: 'me' },
      client: { era: 'modern' },
      params: { name: 'x' },
    });
  });

  it('gets questions as a result', async () => {
    const { say, heard } = talk(() => ({
      kind: 'input_required',
      inputRequests: { a: { method: 'roots/list' } },
    }));
    say(modern(1, 'tools/call', { name: 'x' }));
    expect((await heard(answers(1))).result).toEqual({
      resultType: 'input_required',
      inputRequests: { a: { method: 'roots/list' } },
      _meta: { [META.serverInfo]: { name: 'edge', version: '1.2.3' } },
    });
  });

  it('hears nothing more of a call that it cancelled', async () => {
    const cancelled: string[] = [];
    const { say, heard, written } = talk(
      (call) =>
        new Promise((resolve) => {
          call.cancellation.onCancel((reason) => {
            cancelled.push(reason);
            call.notify({ method: 'notifications/message', params: { level: 'info' } });
            resolve(result({}));
          });
        }),
    );
    say(modern(5, 'tools/call', { name: 'slow' }), cancel(5), modern(6, 'server/discover'));
    await heard(answers(6));
    await turn();
    expect(cancelled).toHaveLength(1);
    expect(written()).not.toContain('"id":5');
    expect(written()).not.toContain('notifications/message');
  });

  it('hears of a subscription with its id', async () => {
    const { say, heard } = talk((call) => {
      call.notify({ method: 'notifications/subscriptions/acknowledged', params: {} });
      return new Promise((resolve) => call.cancellation.onCancel(() => resolve(result({}))));
    });
    say(modern('s', 'subscriptions/listen', { notifications: {} }));
    expect(await heard(({ method }) => method !== undefined)).toMatchObject({
      params: { _meta: { [META.subscriptionId]: 's' } },
    });
  });

  it('may not use an id twice at once', async () => {
    const { say, heard } = talk(() => new Promise(() => {}));
    say(modern(1, 'tools/call', { name: 'x' }), modern(1, 'tools/call', { name: 'y' }));
    expect((await heard(answers(1))).error?.message).toContain('in use');
  });

  it.each([
    ['an unknown version', { [META.protocolVersion]: '2027-01-01' }, -32022],
    ['no capabilities', { [META.clientCapabilities]: null }, -32602],
  ])('is refused with %s', async (_what, meta, code) => {
    const { say, heard } = talk();
    say(modern(1, 'tools/list', {}, meta));
    expect((await heard(answers(1))).error?.code).toBe(code);
  });
});

describe('what is no message', () => {
  it.each([
    ['no JSON', '{"jsonrpc":', -32700],
    ['too long', `"${'x'.repeat(2000)}"`, -32600],
    ['no object', '3', -32600],
    ['no JSON-RPC', '{"id":1}', -32600],
  ])('is answered with an error: %s', async (_what, line, code) => {
    const { say, heard } = talk();
    say(line, '', modern(2, 'server/discover'));
    expect((await heard(({ error }) => error !== undefined)).error?.code).toBe(code);
    // What comes after it is read as ever.
    expect((await heard(answers(2))).result).toBeDefined();
  });
});

describe('the end', () => {
  it('comes with the end of the input, after the answers to what is under way', async () => {
    let finish: (reply: Reply) => void = () => {};
    const { edge, say, input, heard } = talk(() => new Promise((resolve) => (finish = resolve)));
    say(modern(1, 'tools/call', { name: 'x' }));
    await turn();
    input.end();
    await edge.closed;
    const drained = edge.drain(5000);
    finish(result({ late: true }));
    expect((await heard(answers(1))).result).toMatchObject({ late: true });
    await drained;
  });

  it('cancels what takes too long', async () => {
    const { edge, say, calls } = talk(() => new Promise(() => {}));
    say(modern(1, 'tools/call', { name: 'x' }));
    await turn();
    await edge.drain(20);
    expect(calls[0]?.cancellation.cancelled).toBe(true);
  });

  it('comes when nobody reads any more', async () => {
    const { edge, output } = talk();
    output.destroy();
    await edge.closed;
  });
});

describe('a large result', () => {
  it('stays one line, whatever stands between its tokens', async () => {
    const pretty = Buffer.from(`{\n  "text": "${'x'.repeat(50)}"\r\n}`);
    const { say, heard, written } = talk(() => ({
      kind: 'result',
      body: Body.chunks([pretty.subarray(0, 10), pretty.subarray(10)], pretty.length),
    }));
    say(modern(1, 'tools/call', { name: 'x' }));
    expect((await heard(answers(1))).result).toMatchObject({ text: 'x'.repeat(50) });
    expect(written().split('\n')).toHaveLength(2);
  });
});
