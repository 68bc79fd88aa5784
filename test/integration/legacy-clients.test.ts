import { createServer, type Server, type ServerResponse } from 'node:http';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../src/core/call.ts';
import { type Reply, result } from '../../src/core/reply.ts';
import { Inbound } from '../../src/inbound/inbound.ts';
import { routeOf } from '../../src/listener/routes.ts';

/** The edge with the SDK's own clients of old, and a server behind it that does what the tool's name says. */
let server: Server;
let inbound: Inbound;
let origin = '';
/** The responses under way, so that a test can break them. */
const responses = new Set<ServerResponse>();
/** Lets `slow` go on. */
let go: () => void = () => {};
/** Says that the list of tools has changed. */
let changeTools: (() => void) | undefined;

const TOOLS = ['echo', 'ask', 'slow'].map((name) => ({ name, inputSchema: { type: 'object' } }));

async function handle(call: Call): Promise<Reply> {
  if (call.method === 'server/discover') return result({ capabilities: { tools: {}, logging: {} } });
  if (call.method === 'subscriptions/listen') {
    call.notify({
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { toolsListChanged: true } },
    });
    return new Promise((resolve) => {
      changeTools = () => call.notify({ method: 'notifications/tools/list_changed', params: {} });
      call.cancellation.onCancel(() => resolve(result({})));
    });
  }
  if (call.method === 'tools/list') return result({ tools: TOOLS, ttlMs: 0, cacheScope: 'private' });
  const { name } = call.params;
  if (name === 'echo') {
    call.notify({ method: 'notifications/progress', params: { progress: 1 } });
    // The SDK forgets its listener as soon as it has the result, even where the progress stands before it.
    await new Promise((settle) => setTimeout(settle, 20));
    return text(`${call.client.protocolVersion} ${JSON.stringify(call.params['arguments'])}`);
  }
  if (name === 'slow') {
    call.notify({ method: 'notifications/message', params: { level: 'info', data: 'begun' } });
    await new Promise<void>((resolve) => (go = resolve));
    call.notify({ method: 'notifications/message', params: { level: 'info', data: 'still there' } });
    return text(call.cancellation.cancelled ? 'cancelled' : 'done');
  }
  if (call.answers) return text(JSON.stringify(Object.fromEntries(call.answers.responses)));
  return {
    kind: 'input_required',
    requestState: 'state',
    inputRequests: {
      where: { method: 'roots/list' },
      ...(call.client.capabilities['elicitation'] !== undefined && { who: WHO }),
    },
  };
}

const WHO = {
  method: 'elicitation/create',
  params: {
    mode: 'form',
    message: 'Who?',
    requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
  },
};

function text(said: string): Reply {
  return result({ content: [{ type: 'text', text: said }] });
}

beforeEach(async () => {
  changeTools = undefined;
  inbound = new Inbound({
    handle,
    self: { name: 'edge', version: '1' },
    bodyBytes: 100_000,
    sessions: { sessions: 10, sessionsPerPrincipal: 10, ttlMs: 60_000 },
  });
  server = createServer((req, res) => {
    responses.add(res.once('close', () => responses.delete(res)));
    const route = routeOf(req.url ?? '', '');
    if (route && route.kind !== 'health')
      inbound.receive(req, res, { principal: { id: 'alice', via: 'token' } }, route.scope, route.kind);
    else res.writeHead(404).end();
  });
  await new Promise<void>((settle) => {
    server.listen(0, '127.0.0.1', settle);
  });
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});

afterEach(async () => {
  inbound.close();
  server.closeAllConnections();
  await new Promise((settle) => {
    server.close(settle);
  });
});

function newClient(): Client {
  const client = new Client({ name: 'old', version: '1' }, { capabilities: { roots: {}, elicitation: {} } });
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///home' }] }));
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name: 'Ada' } }));
  return client;
}

async function called(client: Client, name: string, input: Record<string, unknown> = {}): Promise<unknown> {
  const { content } = await client.callTool({ name, arguments: input });
  return (content as { text?: string }[])[0]?.text;
}

describe.each(['/sse', '/servers/files/sse'])('the SDK’s client of HTTP+SSE at %s', (path) => {
  it('lists, calls, is asked and hears, all on one stream', async () => {
    const client = newClient();
    const transport = new SSEClientTransport(new URL(origin + path));
    await client.connect(transport);
    expect(inbound.sessions).toBe(1);
    expect(client.getServerVersion()).toEqual({ name: 'edge', version: '1' });
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['echo', 'ask', 'slow']);
    let progress = 0;
    await client.callTool({ name: 'echo', arguments: {} }, undefined, { onprogress: () => (progress += 1) });
    expect(progress).toBe(1);
    const many = await Promise.all([1, 2, 3, 4, 5].map((i) => called(client, 'echo', { i })));
    expect(many).toEqual([1, 2, 3, 4, 5].map((i) => `2025-11-25 {"i":${i}}`));
    expect(JSON.parse(String(await called(client, 'ask')))).toEqual({
      where: { result: { roots: [{ uri: 'file:///home' }] } },
      who: { result: { action: 'accept', content: { name: 'Ada' } } },
    });
    let changes = 0;
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => void (changes += 1));
    changeTools?.();
    await expect.poll(() => changes).toBe(1);
    await client.close();
    await expect.poll(() => inbound.sessions).toBe(0);
  });
});

describe('the SDK’s client of Streamable HTTP', () => {
  it('comes back by itself to a call whose connection broke, and misses nothing', async () => {
    const client = newClient();
    const heard: unknown[] = [];
    client.setNotificationHandler(
      LoggingMessageNotificationSchema,
      ({ params }) => void heard.push(params.data),
    );
    await client.connect(new StreamableHTTPClientTransport(new URL(`${origin}/mcp`)));
    const answer = called(client, 'slow');
    await expect.poll(() => heard).toEqual(['begun']);
    for (const res of responses) res.destroy();
    go();
    expect(await answer).toBe('done');
    expect(heard).toEqual(['begun', 'still there']);
    await client.close();
  });

  it('comes back to its GET stream, and hears what was said in between', async () => {
    const client = newClient();
    let changes = 0;
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => void (changes += 1));
    await client.connect(new StreamableHTTPClientTransport(new URL(`${origin}/mcp`)));
    await expect.poll(() => changeTools).toBeDefined();
    await expect.poll(() => responses.size).toBe(1);
    for (const res of responses) res.destroy();
    await expect.poll(() => responses.size).toBe(0);
    changeTools?.();
    expect(changes).toBe(0);
    await expect.poll(() => changes, { timeout: 5000 }).toBe(1);
    changeTools?.();
    await expect.poll(() => changes).toBe(2);
    await client.close();
  });

  it('goes on with a call of an earlier client, by its resumption token', async () => {
    const first = new StreamableHTTPClientTransport(new URL(`${origin}/mcp`));
    const client = newClient();
    await client.connect(first);
    let token = '';
    const request = { method: 'tools/call' as const, params: { name: 'slow', arguments: {} } };
    const lost = client.request(request, CallToolResultSchema, {
      onresumptiontoken: (id) => (token = id),
    });
    lost.catch(() => {});
    await expect.poll(() => token).not.toBe('');
    const { sessionId = '' } = first;
    await client.close();
    go();
    const second = new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), { sessionId });
    const later = newClient();
    await later.connect(second);
    const { content } = await later.request(request, CallToolResultSchema, { resumptionToken: token });
    expect(content).toEqual([{ type: 'text', text: 'done' }]);
    await later.close();
  });
});
