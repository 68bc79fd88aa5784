import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { callerOf, connect, json, type Respond, serve, type TestLink } from './testing.ts';

/** A server of 2024-11-05 whose requests are answered on its one stream. */
function sseServer(
  answer: (body: object, say: (message: object) => void) => void,
  endpoint = '/messages?s=1',
): Respond {
  let events: ServerResponse | undefined;
  return (request, res) => {
    if (request.method === 'GET') {
      events = res;
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(`event: endpoint\ndata: ${endpoint}\n\n`);
      return;
    }
    if (!request.url.startsWith('/messages')) {
      res.writeHead(404).end();
      return;
    }
    res.writeHead(202).end('Accepted');
    answer(request.body, (message) =>
      events?.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`),
    );
  };
}

const echo = (body: object, say: (message: object) => void): void => {
  const { id, method, params } = body as Record<string, unknown>;
  if (id !== undefined) say({ id, result: { method, params } });
};

const pinned = { transport: 'sse' } as const;

async function open(test: TestLink): Promise<string> {
  const said = await test.ask('initialize');
  test.link.opened('2024-11-05');
  test.link.notify('notifications/initialized', {});
  return said;
}

describe('a server of 2024-11-05', () => {
  it('is spoken to where it says, and heard on its stream', async () => {
    const { url, seen } = await serve(sseServer(echo));
    const test = connect(url, { ...pinned, headers: { 'x-team': 'core' } });
    await open(test);
    expect(await test.ask('tools/list', { a: 1 })).toBe('{"method":"tools/list","params":{"a":1}}');
    expect(seen.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
      'GET /mcp',
      ...Array(3).fill('POST /messages?s=1'),
    ]);
    for (const { headers } of seen) {
      expect(headers['x-team']).toBe('core');
      expect(headers).not.toHaveProperty('mcp-protocol-version');
    }
    expect(test.transport.streamPerRequest).toBe(false);
    await test.transport.close();
    await vi.waitFor(() => expect(seen[0]?.closedEarly).toBe(true));
    expect(test.endings).toEqual([{ reason: 'it was stopped', stderr: [] }]);
  });

  it('may ask, and is answered', async () => {
    let asker = 0;
    const { url } = await serve(
      sseServer((body, say) => {
        const { id, method, result } = body as Record<string, unknown>;
        if (method === 'tools/call') {
          asker = Number(id);
          say({ id: 'q', method: 'roots/list' });
        } else if (id === 'q') say({ id: asker, result });
      }),
    );
    const test = connect(url, pinned);
    test.link.onRequest = async (method, _params, caller) => ({
      result: { method, knows: caller !== undefined },
    });
    expect(await test.ask('tools/call', {}, callerOf())).toBe('{"method":"roots/list","knows":false}');
  });

  it('is told of a cancellation', async () => {
    const { url, seen } = await serve(sseServer(() => {}));
    const test = connect(url, pinned);
    const caller = callerOf();
    const reply = test.ask('tools/call', {}, caller);
    await vi.waitFor(() => expect(seen).toHaveLength(2));
    caller.cancellation.cancel('enough');
    await reply;
    await vi.waitFor(() => expect(seen.at(-1)?.body).toMatchObject({ method: 'notifications/cancelled' }));
  });

  it('that refuses a message ends that call only', async () => {
    const { url } = await serve((request, res) => {
      if (request.method === 'POST' && request.rpc === 'tools/call') {
        res.writeHead(400).end();
        return;
      }
      respond(request, res);
    });
    const test = connect(url, pinned);
    expect(await test.ask()).toContain('server_refused');
    expect(await test.ask('tools/list')).toContain('tools/list');
  });
  const respond = sseServer(echo);

  it.each([
    ['elsewhere', 'http://127.0.0.1:1/messages'],
    ['under another name', 'http://localhost/messages'],
    ['nowhere', 'http://['],
    ['in a file', 'file:///etc/passwd'],
  ])('that names an endpoint %s is left', async (_where, endpoint) => {
    const { url } = await serve(sseServer(echo, endpoint));
    const test = connect(url, pinned);
    expect(await test.ask()).toContain('server_exited');
    expect(test.endings[0]?.reason).toContain('another origin');
  });

  it('whose stream ends is gone', async () => {
    const { url } = await serve((request, res) => {
      if (request.method === 'GET') {
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        res.write('event: endpoint\ndata: /messages\n\n');
        setTimeout(() => res.end(), 30);
        return;
      }
      res.writeHead(202).end();
    });
    const test = connect(url, pinned);
    expect(await test.ask('tools/list')).toContain('It closed its stream');
    expect(test.endings).toEqual([{ reason: 'it closed its stream', stderr: [] }]);
  });

  it.each([
    [401, 'wants a login'],
    [404, 'HTTP status 404'],
    [503, 'HTTP status 503'],
    [200, 'without a stream'],
  ])('that answers GET with %i is not there', async (status, reason) => {
    const { url } = await serve((_request, res) =>
      res.writeHead(status, { 'content-type': 'text/html' }).end(),
    );
    const test = connect(url, pinned);
    expect(await test.ask()).toContain('server_exited');
    expect(test.endings[0]?.reason).toContain(reason);
  });

  it('that never names its endpoint lets the call end in its time', async () => {
    const { url } = await serve((_request, res) =>
      res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
    );
    const { link } = connect(url, pinned);
    expect(await link.send({ method: 'initialize', params: () => ({}), timeoutMs: 50 })).toMatchObject({
      error: { data: { reason: 'call_timeout' } },
    });
  });
});

describe('a server of which nothing is known', () => {
  it('is taken for one of 2024-11-05 when it does not take initialize', async () => {
    const { url, seen } = await serve(sseServer(echo));
    const test = connect(url);
    expect(await test.ask('server/discover')).toContain('server_refused');
    expect(await open(test)).toContain('initialize');
    expect(await test.ask('tools/list')).toContain('tools/list');
    expect(test.transport.streamPerRequest).toBe(false);
    expect(seen.map(({ method, url: path }) => `${method} ${path}`).slice(0, 4)).toEqual([
      'POST /mcp',
      'POST /mcp',
      'GET /mcp',
      'POST /messages?s=1',
    ]);
    expect(test.endings).toEqual([]);
  });

  it.each([400, 404, 405])('that takes neither has answered with %i', async (status) => {
    const { url, seen } = await serve((_request, res) => res.writeHead(status).end());
    const test = connect(url);
    expect(await test.ask('initialize')).toContain(`HTTP status ${status}`);
    expect(seen.map(({ method }) => method)).toEqual(['POST', 'GET']);
    expect(test.endings).toEqual([]);
    await test.transport.close();
    expect(test.endings).toHaveLength(1);
  });

  it.each([401, 403, 422, 500, 503])('is not taken for one because of a %i', async (status) => {
    const { url, seen } = await serve((_request, res) => json(res, status, {}));
    await connect(url).ask('initialize');
    expect(seen.map(({ method }) => method)).toEqual(['POST']);
  });

  it('is not taken for one when the configuration says what it is', async () => {
    const { url, seen } = await serve((_request, res) => res.writeHead(404).end());
    await connect(url, { transport: 'http' }).ask('initialize');
    expect(seen.map(({ method }) => method)).toEqual(['POST']);
  });
});
