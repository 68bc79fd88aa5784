import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';

import { Client } from './client.ts';
import type { Call, Endpoint } from './request.ts';

interface Message {
  id?: number;
  method: string;
  params: { arguments: { text: string } };
}

const ECHO: Call = { era: 'legacy', tool: 'echo', bytes: 50 };
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Answer = (message: Message, response: ServerResponse, request: IncomingMessage) => void;

async function serve(answer: Answer): Promise<Endpoint> {
  const server = createServer((request, response) => {
    void text(request).then((body) => answer(JSON.parse(body) as Message, response, request));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { host: '127.0.0.1', port, path: '/mcp', headers: [] };
}

function echo({ id, params }: Message): object {
  return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: params.arguments.text }] } };
}

function json(response: ServerResponse, body: object): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}

/** Calls `count` times. */
async function call(endpoint: Endpoint, count: number): Promise<number[]> {
  const client = await Client.open(endpoint);
  const times: number[] = [];
  try {
    await client.repeat(ECHO, 0, (milliseconds) => times.push(milliseconds) < count);
  } finally {
    client.close();
  }
  return times;
}

describe('repeat', () => {
  it('calls until it is told to stop', async () => {
    const endpoint = await serve((message, response) => json(response, echo(message)));
    const times = await call(endpoint, 200);
    expect(times).toHaveLength(200);
    expect(Math.min(...times)).toBeGreaterThan(0);
  });

  it('sends a new id each time', async () => {
    const ids: unknown[] = [];
    const endpoint = await serve((message, response) => {
      ids.push(message.id);
      json(response, echo(message));
    });
    await call(endpoint, 3);
    expect(ids).toEqual([1_000_000_001, 1_000_000_002, 1_000_000_003]);
  });

  it('understands event streams', async () => {
    const endpoint = await serve((message, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.write('id: 1\ndata: \n\n');
      response.end(`event: message\ndata: ${JSON.stringify(echo(message))}\n\n`);
    });
    expect(await call(endpoint, 20)).toHaveLength(20);
  });

  it('stops at the first wrong answer', async () => {
    let calls = 0;
    const endpoint = await serve((message, response) => {
      calls += 1;
      const stale = { ...message, id: calls === 7 ? (message.id ?? 0) - 1 : message.id };
      json(response, echo(stale));
    });
    await expect(call(endpoint, 100)).rejects.toThrow('The id is not that of the call');
    expect(calls).toBe(7);
  });

  it.each<[string, Answer, string]>([
    [
      'a status that is not 200',
      (message, response) => {
        response.statusCode = 429;
        json(response, echo(message));
      },
      'status 429',
    ],
    ['a connection that breaks', (_, response) => response.destroy(), 'closed the connection'],
    ['an answer without a body', (_, response) => response.end(), 'ended without an answer'],
    [
      'two responses to one request',
      (message, response) => {
        json(response, echo(message));
        response.socket?.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      },
      'ended without an answer',
    ],
  ])('refuses %s', async (_, answer, message) => {
    const endpoint = await serve(answer);
    await expect(call(endpoint, 2)).rejects.toThrow(message);
  });
});

describe('openSession', () => {
  it('shakes hands and sends the session with every later call', async () => {
    const seen: (string | undefined)[][] = [];
    const endpoint = await serve((message, response, { headers }) => {
      seen.push([message.method, headers['mcp-session-id'] as string | undefined]);
      if (message.method === 'initialize') {
        response.setHeader('mcp-session-id', 's-1');
        json(response, { id: message.id, result: { serverInfo: { name: 'x', version: '1' } } });
      } else if (message.id === undefined) {
        response.writeHead(202).end();
      } else {
        json(response, echo(message));
      }
    });
    const client = await Client.open(endpoint);
    await client.openSession();
    await client.repeat(ECHO, 0, () => false);
    client.close();
    expect(seen).toEqual([
      ['initialize', undefined],
      ['notifications/initialized', 's-1'],
      ['tools/call', 's-1'],
    ]);
  });

  it('says what it was answered', async () => {
    const endpoint = await serve((_, response) => {
      response.writeHead(401).end('who are you?');
    });
    const client = await Client.open(endpoint);
    await expect(client.openSession()).rejects.toThrow('initialize was answered with 401: who are you?');
    client.close();
  });
});

describe('open', () => {
  it('rejects when nobody listens', async () => {
    const endpoint = await serve(() => {});
    servers.pop()?.close();
    await expect(Client.open(endpoint)).rejects.toThrow('ECONNREFUSED');
  });
});
