import { connect } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { child, type Gateway, startGateway } from '../support/gateway.ts';
import { callTool, send, Session, textOf } from '../support/http.ts';
import { eventually } from '../support/processes.ts';

/** The transport of 2024-11-05, through the whole gateway: on the port of the newer ones, behind the same door. */
let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ config: { mcpServers: { child: child() } } });
});
afterAll(() => gateway?.stop());

async function connectOld(path: string): Promise<Client> {
  const client = new Client({ name: 'old', version: '1' });
  const headers = { authorization: `Bearer ${gateway.token}` };
  const url = new URL(gateway.origin + path);
  await client.connect(new SSEClientTransport(url, { requestInit: { headers } }));
  return client;
}

/** A stream over a bare socket. */
function openStream(path = '/sse', token = gateway.token): { text(): string; close(): void } {
  const socket = connect(gateway.port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  socket.on('error', () => {});
  const host = `Host: 127.0.0.1:${gateway.port}\r\nAuthorization: Bearer ${token}\r\n`;
  socket.write(`GET ${path} HTTP/1.1\r\n${host}Accept: text/event-stream\r\n\r\n`);
  return { text: () => received, close: () => socket.destroy() };
}

async function endpointOf(stream: { text(): string }): Promise<string> {
  const found = (): string | undefined => /event: endpoint\r?\ndata: (\S+)\n\n/.exec(stream.text())?.[1];
  await eventually('the endpoint is named', () => found() !== undefined);
  return found() ?? '';
}

describe.each(['/sse', '/servers/child/sse'])('a client of 2024-11-05 at %s', (path) => {
  it('calls tools, several at once, and hears that a list has changed', async () => {
    const client = await connectOld(path);
    let changes = 0;
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => void (changes += 1));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('echo');
    const texts = await Promise.all(
      ['a', 'ü', '😀'].map(async (text) => {
        const { content } = await client.callTool({ name: 'echo', arguments: { text } });
        return (content as { text?: string }[])[0]?.text;
      }),
    );
    expect(texts).toEqual(['a', 'ü', '😀']);
    await client.callTool({ name: 'add_tool', arguments: { name: `of${path.replaceAll('/', '_')}` } });
    await eventually('the change is told', () => changes > 0);
    await client.close();
  });
});

describe('the door of HTTP+SSE', () => {
  it.each(['/sse', '/messages?sessionId=x', '/servers/child/sse'])(
    'asks for a token at %s: 401',
    async (path) => {
      const method = path.includes('messages') ? 'POST' : 'GET';
      const answer = await send(gateway, { method, path, headers: { authorization: undefined } });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer\b/);
      const body = method === 'POST' ? { body: '{}' } : {};
      const rebound = await send(gateway, { method, path, ...body, headers: { host: 'evil.example' } });
      expect(rebound.status).toBe(403);
    },
  );

  it('names a path for messages, and keeps the session as long as the stream', async () => {
    const stream = openStream();
    const path = await endpointOf(stream);
    expect(path).toMatch(/^\/messages\?sessionId=[\da-f-]{36}$/);
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
    expect((await send(gateway, { path, body })).status).toBe(202);
    await eventually('the answer comes', () => stream.text().includes('"id":1'));
    expect((await send(gateway, { path, body, headers: { authorization: undefined } })).status).toBe(401);
    stream.close();
    await eventually('the session is gone', async () => (await send(gateway, { path, body })).status === 404);
  });

  it('knows no server that is not configured: the client is told on its stream', async () => {
    const stream = openStream('/servers/nobody/sse');
    const path = await endpointOf(stream);
    const params = {
      protocolVersion: '2024-11-05',
      capabilities: {},
      clientInfo: { name: 'c', version: '1' },
    };
    await send(gateway, {
      path,
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
    });
    await eventually('the error comes', () => stream.text().includes('no_such_server'));
    stream.close();
  });
});

it('a call of HTTP+SSE whose stream breaks is cancelled: nobody can get its answer any more', async () => {
  const before = textOf(await callTool(gateway, 'cancelled'));
  const client = await connectOld('/sse');
  const hanging = client.callTool({ name: 'hang', arguments: {} });
  hanging.catch(() => {});
  await new Promise((settle) => setTimeout(settle, 200));
  await client.close();
  await eventually(
    'the server was told',
    async () => textOf(await callTool(gateway, 'cancelled')) !== before,
  );
});

it('a call of Streamable HTTP can be come back to after its stream broke', async () => {
  const session = await Session.open(gateway);
  const message = {
    jsonrpc: '2.0',
    id: 5,
    method: 'tools/call',
    params: { name: 'progress', arguments: {}, _meta: { progressToken: 1 } },
  };
  const answer = await session.post(message);
  const ids = [...answer.text.matchAll(/^id: (.*)$/gm)].map(([, id = '']) => id);
  expect(ids.length).toBeGreaterThan(2);
  const headers = { ...session.headers, accept: 'text/event-stream', 'last-event-id': ids[0] };
  const again = await send(gateway, { method: 'GET', headers });
  expect(again.messages).toEqual(answer.messages);
});
