import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { child, type Gateway, startGateway } from '../support/gateway.ts';
import { begin, callTool, type Exchange, post, send, Session, textOf } from '../support/http.ts';
import { eventually } from '../support/processes.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ config: { mcpServers: { child: child('--name', 'the child') } } });
});
afterAll(() => gateway?.stop());

/** Opens the GET stream of a session. */
function openStream(session: Session): Exchange {
  return begin(gateway, { method: 'GET', headers: { ...session.headers, accept: 'text/event-stream' } });
}

const initialize = (protocolVersion: unknown): unknown => ({
  jsonrpc: '2.0',
  id: 'hello',
  method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '1' } },
});

describe('initialize', () => {
  // The oldest has another transport of its own, but the official clients ask for it over this one, too.
  it.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])('speaks %s', async (version) => {
    const answer = await post(gateway, initialize(version));
    expect(answer.status).toBe(200);
    expect(answer.last).toMatchObject({
      jsonrpc: '2.0',
      id: 'hello',
      result: {
        protocolVersion: version,
        serverInfo: { name: 'the child' },
        instructions: 'I am the child.',
      },
    });
    expect(answer.last.result).not.toHaveProperty('resultType');
  });

  it.each(['1999-01-01', '2026-07-28', 'DRAFT', 7])(
    'answers %j with a version it speaks',
    async (version) => {
      const answer = await post(gateway, initialize(version));
      expect(answer.status).toBe(200);
      expect(answer.last.result?.['protocolVersion']).toBe('2025-11-25');
    },
  );

  it('gives out ids that are long, visible ASCII and never the same', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await Session.open(gateway)).id));
    expect(new Set(ids).size).toBe(20);
    for (const id of ids) expect(id).toMatch(/^[\x21-\x7e]{20,}$/);
  });

  it('gives no session to whoever does not get in', async () => {
    const answer = await post(gateway, initialize('2025-11-25'), { headers: { authorization: undefined } });
    expect(answer.status).toBe(401);
    expect(answer.headers['mcp-session-id']).toBeUndefined();
  });
});

describe('a session', () => {
  it('takes requests, notifications and ping', async () => {
    const session = await Session.open(gateway);
    expect((await session.request('ping')).last).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    const accepted = await session.notify('notifications/roots/list_changed');
    expect([accepted.status, accepted.text]).toEqual([202, '']);
    expect(textOf(await session.call('echo', { text: 'hi' }))).toBe('hi');
  });

  it.each([0, 1, 'id', '', -5, 9007199254740991])('gives the id %j back as it came', async (id) => {
    const session = await Session.open(gateway);
    expect((await session.call('echo', { text: 'x' }, id)).last.id).toBe(id);
  });

  it('is ended by DELETE', async () => {
    const session = await Session.open(gateway);
    expect([200, 204]).toContain((await session.close()).status);
    expect((await session.call('echo', { text: 'x' })).status).toBe(404);
    expect((await session.close()).status).toBe(404);
  });

  it('is needed', async () => {
    const answer = await post(gateway, { jsonrpc: '2.0', id: 1, method: 'tools/list' });
    expect(answer.status).toBe(400);
    expect((await send(gateway, { method: 'GET' })).status).toBe(400);
    expect((await send(gateway, { method: 'DELETE' })).status).toBe(400);
  });

  it('keeps to the endpoint it was opened at', async () => {
    const session = await Session.open(gateway, { path: '/servers/child/mcp' });
    const headers = session.headers;
    expect((await post(gateway, { jsonrpc: '2.0', id: 1, method: 'ping' }, { headers })).status).toBe(404);
    expect((await session.request('ping')).status).toBe(200);
  });

  it('does not take a version that does not exist', async () => {
    const session = await Session.open(gateway);
    const headers = { ...session.headers, 'mcp-protocol-version': '2025-13-99' };
    const answer = await post(gateway, { jsonrpc: '2.0', id: 1, method: 'ping' }, { headers });
    expect(answer.status).toBe(400);
  });

  it('needs no version header', async () => {
    const session = await Session.open(gateway);
    const headers = { 'mcp-session-id': session.id };
    expect((await post(gateway, { jsonrpc: '2.0', id: 1, method: 'ping' }, { headers })).status).toBe(200);
  });

  it('knows the errors of its own time only', async () => {
    const session = await Session.open(gateway);
    for (const method of ['server/discover', 'subscriptions/listen', 'no/such']) {
      const answer = await session.request(method);
      expect([answer.status, answer.last.error?.code], method).toEqual([200, -32601]);
    }
  });

  it('of 2025-03-26 takes a batch, and answers each request in it', async () => {
    const session = await Session.open(gateway, { version: '2025-03-26' });
    const call = { jsonrpc: '2.0', method: 'tools/call' };
    const note = { jsonrpc: '2.0', method: 'notifications/initialized' };
    const answer = await session.post([
      { ...call, id: 1, params: { name: 'echo', arguments: { text: 'one' } } },
      note,
      { ...call, id: 'two', params: { name: 'echo', arguments: { text: 'two' } } },
    ]);
    expect(answer.status).toBe(200);
    const texts = new Map(answer.messages.map((last): [unknown, unknown] => [last.id, textOf({ last })]));
    expect(texts).toEqual(
      new Map<unknown, unknown>([
        [1, 'one'],
        ['two', 'two'],
      ]),
    );
    expect((await session.post([note, note])).status).toBe(202);
  });

  it.each(['2025-06-18', '2025-11-25'])('of %s takes no batch', async (version) => {
    const session = await Session.open(gateway, { version });
    const answer = await session.post([{ jsonrpc: '2.0', id: 1, method: 'ping' }]);
    expect([answer.status, answer.last.error?.code]).toEqual([400, -32600]);
  });
});

describe('threats 12 and 27: session ids that nobody was given', () => {
  it.each([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'prototype',
    '../../etc/passwd',
    'undefined',
    'null',
    '0',
    'a'.repeat(8000),
  ])('%.20s: 404, and nothing else changes', async (id) => {
    const headers = { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' };
    for (const method of ['POST', 'GET', 'DELETE']) {
      const body = method === 'POST' ? { body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' } : {};
      expect((await send(gateway, { method, headers, ...body })).status, method).toBe(404);
    }
    // Of one competitor no session could be opened any more after this.
    const session = await Session.open(gateway);
    expect(textOf(await session.call('echo', { text: 'fine' }))).toBe('fine');
    expect((await session.close()).status).toBeLessThan(300);
  });

  it('an id that is almost right is wrong', async () => {
    const session = await Session.open(gateway);
    for (const id of [
      session.id.slice(0, -1),
      `${session.id}0`,
      session.id.toUpperCase(),
      ` ${session.id},x`,
    ]) {
      const headers = { 'mcp-session-id': id };
      const answer = await post(gateway, { jsonrpc: '2.0', id: 1, method: 'ping' }, { headers });
      if (id.trim() !== session.id) expect(answer.status, id).toBe(404);
    }
  });
});

describe('the GET stream', () => {
  it('says that a list has changed', async () => {
    const session = await Session.open(gateway);
    await session.request('tools/list');
    const stream = openStream(session);
    expect(await stream.status).toBe(200);
    await session.call('add_tool', { name: 'new_one' });
    await eventually('the news is on the stream', () =>
      stream.text().includes('notifications/tools/list_changed'),
    );
    const { tools } = (await session.request('tools/list')).last.result as { tools: { name: string }[] };
    expect(tools.map(({ name }) => name)).toContain('new_one');
    stream.close();
  });

  it('carries no answers: each message is on one stream only', async () => {
    const session = await Session.open(gateway);
    const stream = openStream(session);
    expect(await stream.status).toBe(200);
    await session.call('echo', { text: 'for the POST alone' });
    await session.request('tools/call', { name: 'progress', arguments: {}, _meta: { progressToken: 1 } });
    await new Promise((settle) => setTimeout(settle, 200));
    expect(stream.text()).not.toContain('for the POST alone');
    expect(stream.text()).not.toContain('notifications/progress');
    stream.close();
  });

  it('may be opened again after it was closed', async () => {
    const session = await Session.open(gateway);
    const first = openStream(session);
    expect(await first.status).toBe(200);
    first.close();
    await eventually('the second is let in', async () => {
      const second = openStream(session);
      const status = await second.status;
      second.close();
      return status === 200;
    });
  });

  it('is not for those who do not accept a stream', async () => {
    const session = await Session.open(gateway);
    const headers = { ...session.headers, accept: 'application/json' };
    expect((await send(gateway, { method: 'GET', headers })).status).toBe(406);
  });
});

describe('a call whose client goes away', () => {
  it('is not cancelled: a broken connection is not the wish to end', async () => {
    const session = await Session.open(gateway);
    const before = textOf(await callTool(gateway, 'cancelled'));
    const message = { jsonrpc: '2.0', id: 9, method: 'tools/call', params: { name: 'hang' } };
    const call = begin(gateway, { headers: session.headers, body: JSON.stringify(message) });
    await new Promise((settle) => setTimeout(settle, 200));
    call.close();
    await new Promise((settle) => setTimeout(settle, 200));
    expect(textOf(await callTool(gateway, 'cancelled'))).toBe(before);
    // And then it can still be cancelled in form.
    await session.notify('notifications/cancelled', { requestId: 9 });
    await eventually(
      'the server was told',
      async () => textOf(await callTool(gateway, 'cancelled')) !== before,
    );
  });
});
