import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { result } from '../../src/core/reply.ts';
import { Inbound } from '../../src/inbound/inbound.ts';

/** The gateway has one owner as yet; this is the edge with two of them, told apart by a header of the test. */
let server: Server;
let inbound: Inbound;
let port = 0;

beforeEach(async () => {
  inbound = new Inbound({
    handle: (call) =>
      Promise.resolve(
        result(call.method === 'server/discover' ? { capabilities: {} } : { caller: call.principal.id }),
      ),
    self: { name: 'test', version: '1' },
    bodyBytes: 10_000,
    sessions: { sessions: 6, sessionsPerPrincipal: 3, ttlMs: 60_000 },
  });
  server = createServer((req, res) => {
    const id = String(req.headers['x-test-principal']);
    inbound.receive(req, res, { principal: { id, via: 'token' } }, undefined);
  });
  await new Promise<void>((settle) => {
    server.listen(0, '127.0.0.1', settle);
  });
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
});

afterEach(async () => {
  inbound.close();
  server.closeAllConnections();
  await new Promise((settle) => {
    server.close(settle);
  });
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: { result?: Record<string, unknown>; error?: { code: number } };
}

function send(
  method: string,
  principal: string,
  session: string | undefined,
  message?: object,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      'x-test-principal': principal,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(session === undefined ? {} : { 'mcp-session-id': session }),
    };
    const sent = request({ host: '127.0.0.1', port, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const body = (text === '' ? {} : JSON.parse(text)) as Answer['body'];
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    sent.on('error', reject);
    sent.end(message === undefined ? undefined : JSON.stringify(message));
  });
}

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

async function open(principal: string): Promise<string> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
  const answer = await send('POST', principal, undefined, {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params,
  });
  expect(answer.status).toBe(200);
  return String(answer.headers['mcp-session-id']);
}

describe('threat 12: the session of another principal', () => {
  it('does not exist for anybody else, by any method', async () => {
    const session = await open('alice');
    for (const method of ['POST', 'GET', 'DELETE']) {
      const answer = await send(method, 'mallory', session, method === 'POST' ? LIST : undefined);
      expect([method, answer.status]).toEqual([method, 404]);
    }
    // And it is still there for whom it belongs to.
    const own = await send('POST', 'alice', session, LIST);
    expect([own.status, own.body.result]).toEqual([200, { caller: 'alice' }]);
  });

  it('is answered as one that never was, so that nobody can find out which exist', async () => {
    const session = await open('alice');
    const foreign = await send('POST', 'mallory', session, LIST);
    const invented = await send('POST', 'mallory', '00000000-0000-4000-8000-000000000000', LIST);
    expect(foreign.status).toBe(invented.status);
    expect(foreign.body).toEqual(invented.body);
  });

  it('is not ended by others who open many: each loses their own first', async () => {
    const session = await open('alice');
    for (let count = 0; count < 10; count += 1) await open('mallory');
    expect((await send('POST', 'alice', session, LIST)).status).toBe(200);
  });
});
