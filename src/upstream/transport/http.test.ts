import { describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../core/json.ts';
import { META, MODERN_VERSION } from '../../core/protocol.ts';
import { accept, callerOf, connect, json, type Respond, serve, stream, type TestLink } from './testing.ts';

const MODERN: JsonObject = { _meta: { [META.protocolVersion]: MODERN_VERSION } };

/** A legacy server with sessions, without a stream of its own. */
const session: Respond = (request, res) => {
  if (request.method === 'GET') {
    res.writeHead(405).end();
    return;
  }
  if (request.rpc === 'initialize') res.setHeader('mcp-session-id', 'abc');
  accept(request, res);
};

const logged = (data: string): object => ({
  method: 'notifications/message',
  params: { level: 'info', data },
});

/** Opens a session with a server that accepts everything. */
async function open(test: TestLink): Promise<void> {
  await test.ask('initialize');
  test.link.opened('2025-11-25');
  test.link.notify('notifications/initialized', {});
}

describe('a modern server over Streamable HTTP', () => {
  it('is told in headers what the body says', async () => {
    const { url, seen } = await serve(accept);
    const { ask } = connect(url);
    await ask('tools/call', { ...MODERN, name: 'Größe' });
    await ask('tools/list', MODERN);
    expect(seen.map(({ headers }) => headers)).toMatchObject([
      {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'mcp-protocol-version': MODERN_VERSION,
        'mcp-method': 'tools/call',
        'mcp-name': '=?base64?R3LDtsOfZQ==?=',
      },
      { 'mcp-method': 'tools/list' },
    ]);
    expect(seen[1]?.headers).not.toHaveProperty('mcp-name');
  });

  it('learns of a cancellation by the end of the stream, and by nothing else', async () => {
    const { url, seen } = await serve((_seen, res) => stream(res));
    const caller = callerOf();
    const reply = connect(url).ask('tools/call', MODERN, caller);
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    caller.cancellation.cancel('enough');
    expect(await reply).toContain('cancelled');
    await vi.waitFor(() => expect(seen[0]?.closedEarly).toBe(true));
    expect(seen).toHaveLength(1);
  });

  it('is not asked again when its stream breaks', async () => {
    const { url, seen } = await serve((_seen, res) => {
      stream(res)({ method: 'notifications/message', params: {} }, 'an-id');
      setTimeout(() => res.destroy(), 20);
    });
    expect(await connect(url).ask('tools/call', MODERN)).toContain('server_unavailable: ');
    expect(seen).toHaveLength(1);
  });
});

describe('what comes on the stream of a call', () => {
  it('belongs to that call, whatever else is under way', async () => {
    const { url } = await serve(({ body }, res) => {
      const say = stream(res);
      const { name } = body['params'] as JsonObject;
      say({ method: 'notifications/message', params: { level: 'info', data: name } });
      say({ method: 'notifications/progress', params: { progressToken: body['id'], progress: 1 } });
      setTimeout(() => {
        say({ id: body['id'], result: { name } });
        res.end();
      }, 30);
    });
    const { ask, lost } = connect(url);
    const [a, b, quiet] = [callerOf({ wantsProgress: true }), callerOf(), callerOf({ logLevel: 'error' })];
    const replies = await Promise.all([
      ask('tools/call', { name: 'a' }, a),
      ask('tools/call', { name: 'b' }, b),
      ask('tools/call', { name: 'c' }, quiet),
    ]);
    expect(replies).toEqual(['{"name":"a"}', '{"name":"b"}', '{"name":"c"}']);
    expect(a.heard).toEqual([logged('a'), { method: 'notifications/progress', params: { progress: 1 } }]);
    expect(b.heard).toEqual([logged('b')]);
    expect(quiet.heard).toEqual([]);
    expect(lost).toEqual([]);
  });

  it('may be a question, which is put to the caller of that call', async () => {
    const waiting: ((answer: unknown) => void)[] = [];
    const { url, seen } = await serve(({ body }, res) => {
      if ('result' in body) {
        res.writeHead(202).end();
        waiting.pop()?.(body['result']);
        return;
      }
      const say = stream(res);
      say({ id: 'q', method: 'elicitation/create', params: { message: '?' } });
      waiting.push((result) => {
        say({ id: body['id'], result });
        res.end();
      });
    });
    const { link, ask } = connect(url);
    const caller = callerOf();
    link.onRequest = async (method, params, whose) => ({
      result: { method, ...params, isMine: whose === caller },
    });
    expect(await ask('tools/call', {}, caller)).toBe(
      '{"method":"elicitation/create","message":"?","isMine":true}',
    );
    expect(seen[1]?.body).toMatchObject({ jsonrpc: '2.0', id: 'q' });
  });

  it('may be a question after the answer, which is put to nobody', async () => {
    const { url, seen } = await serve((request, res) => {
      if (request.rpc === '') return res.writeHead(202).end();
      const say = stream(res);
      say({ id: request.body['id'], result: {} });
      return say({ id: 'q', method: 'elicitation/create' });
    });
    const { link, ask } = connect(url);
    link.onRequest = () => Promise.reject(new Error('nobody should be asked'));
    await ask('tools/call', {}, callerOf());
    await vi.waitFor(() => expect(seen[1]?.body).toMatchObject({ id: 'q', error: { code: -32600 } }));
  });

  it('may be several messages in one array, as in 2025-03-26', async () => {
    const { url } = await serve(({ body }, res) =>
      json(res, 200, [
        { jsonrpc: '2.0', method: 'notifications/tools/list_changed' },
        { jsonrpc: '2.0', id: body['id'], result: { ok: true } },
      ]),
    );
    const { ask, heard } = connect(url);
    expect(await ask()).toBe('{"ok":true}');
    expect(heard).toEqual([{ method: 'notifications/tools/list_changed', params: {} }]);
  });

  it('is closed when the server leaves it open after the answer', async () => {
    const { url, seen } = await serve(({ body }, res) => stream(res)({ id: body['id'], result: {} }));
    await connect(url).ask();
    await vi.waitFor(() => expect(seen[0]?.closedEarly).toBe(true), 3000);
  });
});

describe('a large result', () => {
  const large = { content: [{ type: 'text', text: 'x'.repeat(100_000) }] };

  it.each(['json', 'stream'])('is passed on in the bytes it came in (%s)', async (kind) => {
    const { url } = await serve(({ body }, res) => {
      const message = { jsonrpc: '2.0', id: body['id'], result: large };
      if (kind === 'json') {
        json(res, 200, message);
        return;
      }
      stream(res)(message);
      res.end();
    });
    const { link } = connect(url);
    const reply = await link.send({ method: 'tools/call', params: () => ({}), timeoutMs: 5000 });
    expect(reply.kind === 'result' && reply.body.chunks).toBeTruthy();
    expect(reply.kind === 'result' && reply.body.parse()).toEqual(large);
  });

  it.each(['json', 'stream', 'endless'])('over the limit ends that call only (%s)', async (kind) => {
    const { url, seen } = await serve((request, res) => {
      if (request.rpc === 'ping') {
        accept(request, res);
        return;
      }
      const { id } = request.body;
      const message = { jsonrpc: '2.0', id, result: { text: 'x'.repeat(300_000) } };
      if (kind === 'json') {
        json(res, 200, message);
        return;
      }
      if (kind === 'stream') return stream(res)(message);
      stream(res);
      const more = setInterval(() => res.write('x'.repeat(50_000)), 5);
      res.on('close', () => clearInterval(more));
    });
    const { ask } = connect(url);
    expect(await ask()).toContain('server_reply_too_large');
    if (kind !== 'json') await vi.waitFor(() => expect(seen[0]?.closedEarly).toBe(true));
    expect(await ask('ping')).toBe('{}');
  });
});

describe('a legacy session', () => {
  it('is named in every request, and ended', async () => {
    const { url, seen } = await serve(session);
    const test = connect(url);
    await open(test);
    await test.ask('tools/list');
    await test.transport.close();
    expect(seen.map(({ method, rpc }) => `${method} ${rpc}`)).toEqual([
      'POST initialize',
      'POST notifications/initialized',
      'GET ',
      'POST tools/list',
      'DELETE ',
    ]);
    expect(seen[0]?.headers).not.toHaveProperty('mcp-session-id');
    for (const { headers } of seen.slice(1))
      expect(headers).toMatchObject({ 'mcp-session-id': 'abc', 'mcp-protocol-version': '2025-11-25' });
    expect(test.endings).toEqual([{ reason: 'it was stopped', stderr: [] }]);
  });

  it('is ended without waiting for a server that does not answer', async () => {
    const { url } = await serve((request, res) => {
      if (request.method !== 'DELETE') session(request, res);
    });
    const test = connect(url, { stopMs: 50 });
    await open(test);
    await test.transport.close();
    expect(test.endings).toHaveLength(1);
  });

  it('is not named by an id that cannot stand in a header', async () => {
    const { url, seen } = await serve((request, res) => {
      if (request.rpc === 'initialize') res.setHeader('mcp-session-id', 'a b');
      accept(request, res);
    });
    const test = connect(url);
    await open(test);
    await test.ask('tools/list');
    expect(seen.at(-1)?.headers).not.toHaveProperty('mcp-session-id');
  });

  it('begins when the server knows that we are ready and its own stream stands', async () => {
    const order: string[] = [];
    const { url } = await serve((request, res) => {
      const name = request.method === 'GET' ? 'GET' : request.rpc;
      order.push(name);
      setTimeout(
        () => {
          order.push(`${name} done`);
          if (name === 'GET') stream(res);
          else session(request, res);
        },
        name === 'tools/list' ? 0 : 40,
      );
    });
    const test = connect(url);
    await open(test);
    await Promise.all([test.ask('tools/list'), test.ask('tools/list')]);
    const first = order.indexOf('tools/list');
    expect(order.slice(2, first)).toEqual([
      'notifications/initialized',
      'notifications/initialized done',
      'GET',
      'GET done',
    ]);
  });

  it('is lost when the server says 404: nothing was worked on, and the connection ends', async () => {
    let forgotten = false;
    const { url } = await serve((request, res) => {
      if (forgotten) res.writeHead(404).end();
      else session(request, res);
    });
    const test = connect(url);
    await open(test);
    await test.ask('tools/list');
    forgotten = true;
    const replies = await Promise.all([test.ask(), test.ask(), test.ask()]);
    expect(replies.map((reply) => reply.split(':')[0])).toEqual(Array(3).fill('server_session_lost'));
    await vi.waitFor(() =>
      expect(test.endings).toEqual([{ reason: 'it no longer knows the session', stderr: [] }]),
    );
  });

  it('is lost when the server says 400 and that it is about the session', async () => {
    const { url } = await serve((request, res) => {
      if (request.rpc !== 'tools/call') {
        session(request, res);
        return;
      }
      json(res, 400, {
        jsonrpc: '2.0',
        id: null,
        error: { code: -32000, message: 'Bad Request: No valid session ID provided' },
      });
    });
    const test = connect(url);
    await open(test);
    expect(await test.ask()).toContain('server_session_lost');
  });

  it('is told of a cancellation', async () => {
    const { url, seen } = await serve((request, res) => {
      if (request.rpc === 'tools/call') stream(res);
      else session(request, res);
    });
    const test = connect(url);
    await open(test);
    const caller = callerOf();
    const reply = test.ask('tools/call', {}, caller);
    await vi.waitFor(() => expect(seen.at(-1)?.rpc).toBe('tools/call'));
    caller.cancellation.cancel('enough');
    await reply;
    await vi.waitFor(() =>
      expect(seen.at(-1)?.body).toMatchObject({
        method: 'notifications/cancelled',
        params: { reason: 'enough' },
      }),
    );
  });

  it('does not send what was cancelled before its turn', async () => {
    const { url, seen } = await serve((request, res) => {
      if (request.method === 'GET') setTimeout(() => session(request, res), 50);
      else session(request, res);
    });
    const test = connect(url);
    await open(test);
    const caller = callerOf();
    const reply = test.ask('tools/call', {}, caller);
    caller.cancellation.cancel('enough');
    await reply;
    await test.ask('tools/list');
    expect(seen.map(({ rpc }) => rpc)).not.toContain('tools/call');
    expect(seen.map(({ rpc }) => rpc)).not.toContain('notifications/cancelled');
  });

  it('takes a broken stream up where it broke', async () => {
    const { url, seen } = await serve((request, res) => {
      if (request.headers['last-event-id'] === 'e2') {
        stream(res)({
          id: seen.find(({ rpc }) => rpc === 'tools/call')?.body['id'],
          result: { late: 1 },
        });
        res.end();
        return;
      }
      if (request.rpc !== 'tools/call') {
        session(request, res);
        return;
      }
      const say = stream(res);
      res.write('retry: 30\nid: e1\ndata:\n\n');
      say({ method: 'notifications/message', params: { level: 'info', data: 1 } }, 'e2');
      setTimeout(() => res.end(), 10);
    });
    const test = connect(url);
    await open(test);
    const caller = callerOf();
    expect(await test.ask('tools/call', {}, caller)).toBe('{"late":1}');
    expect(caller.heard).toHaveLength(1);
    expect(seen.at(-1)).toMatchObject({ method: 'GET', headers: { 'mcp-session-id': 'abc' } });
  });

  it('gives a stream up that breaks again and again', async () => {
    const { url, seen } = await serve((request, res) => {
      if (request.method === 'GET' && request.headers['last-event-id'] === undefined) {
        res.writeHead(405).end();
        return;
      }
      if (request.method === 'POST' && request.rpc !== 'tools/call') {
        session(request, res);
        return;
      }
      stream(res);
      res.end('retry: 1\nid: e1\ndata:\n\n');
    });
    const test = connect(url);
    await open(test);
    expect(await test.ask()).toContain('without an answer');
    expect(seen.filter(({ headers }) => headers['last-event-id'] === 'e1')).toHaveLength(5);
  });
});

describe("a legacy server's own stream", () => {
  it('brings what belongs to no call, and is opened again from the last event on', async () => {
    let opened = 0;
    const { url, seen } = await serve((request, res) => {
      if (request.method !== 'GET') {
        accept(request, res);
        return;
      }
      opened += 1;
      const say = stream(res);
      if (opened === 1) res.write('retry: 20\n\n');
      say({ method: 'notifications/tools/list_changed' }, `e${opened}`);
      if (opened < 3) setTimeout(() => res.end(), 5);
    });
    const test = connect(url);
    await open(test);
    await vi.waitFor(() => expect(test.heard).toHaveLength(3));
    const streams = seen.filter(({ method }) => method === 'GET');
    expect(streams.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'e1', 'e2']);
    await test.transport.close();
    await vi.waitFor(() => expect(seen.findLast(({ method }) => method === 'GET')?.closedEarly).toBe(true));
  });

  it('is opened anew where the server has forgotten the last event', async () => {
    const { url, seen } = await serve((request, res) => {
      if (request.method !== 'GET') return accept(request, res);
      if (request.headers['last-event-id'] !== undefined) return res.writeHead(400).end();
      const say = stream(res);
      res.write('retry: 20\n\n');
      say({ method: 'notifications/tools/list_changed' }, 'e1');
      return seen.filter(({ method }) => method === 'GET').length === 1 && res.end();
    });
    const test = connect(url);
    await open(test);
    const events = (): unknown[] =>
      seen.filter(({ method }) => method === 'GET').map(({ headers }) => headers['last-event-id']);
    await vi.waitFor(() => expect(events()).toEqual([undefined, 'e1', undefined]));
    expect(test.endings).toEqual([]);
  });

  it.each([400, 404])(
    'that stood, and that the server knows no more (%i), ends the session',
    async (status) => {
      const { url, seen } = await serve((request, res) => {
        if (request.method !== 'GET') return accept(request, res);
        if (seen.filter(({ method }) => method === 'GET').length > 1) return res.writeHead(status).end();
        stream(res);
        return res.end('retry: 20\n\n');
      });
      const test = connect(url);
      await open(test);
      const isLost = { reason: expect.stringContaining('session') };
      // What is under way gets a second to find out the same.
      await vi.waitFor(() => expect(test.endings).toMatchObject([isLost]), 5000);
    },
  );

  it.each([409, 503])('is tried again where the server cannot have it right now (%i)', async (status) => {
    let streams = 0;
    const { url } = await serve((request, res) => {
      if (request.method !== 'GET') return accept(request, res);
      streams += 1;
      if (streams === 2) return res.writeHead(status).end();
      stream(res);
      res.write('retry: 20\n\n');
      return streams === 1 && res.end();
    });
    const test = connect(url);
    await open(test);
    await vi.waitFor(() => expect(streams).toBe(3));
    expect(test.endings).toEqual([]);
  });

  it.each([405, 404, 400, 200])('need not be there (%i)', async (status) => {
    const { url, seen } = await serve((request, res) => {
      if (request.method === 'GET') res.writeHead(status).end();
      else accept(request, res);
    });
    const test = connect(url);
    await open(test);
    expect(await test.ask('tools/list')).toBe('{}');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen.filter(({ method }) => method === 'GET')).toHaveLength(1);
    expect(test.endings).toEqual([]);
  });

  it('holds calls up for a second at most when the server does not say whether it has one', async () => {
    const { url } = await serve((request, res) => {
      if (request.method !== 'GET') accept(request, res);
    });
    const test = connect(url);
    await open(test);
    const started = performance.now();
    expect(await test.ask('tools/list')).toBe('{}');
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
