import { Agent, createServer, get, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failure } from '../core/reply.ts';
import { refuse } from './refuse.ts';

let answer: (req: IncomingMessage, res: ServerResponse) => void;
const server = createServer((req, res) => answer(req, res));
let port: number;
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** What a client gets when the server does this. */
async function got(what: typeof answer): Promise<{ res: IncomingMessage; text: string }> {
  answer = what;
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (part: string) => (text += part));
      res.on('end', () => resolve({ res, text }));
    }).on('error', reject);
  });
}

describe('refuse', () => {
  it('says the same twice: with a status and with a JSON-RPC error that has no id', async () => {
    const { res, text } = await got((_req, response) =>
      refuse(response, failure('unauthorized', 'Nicht für Sie.'), { 'www-authenticate': 'Bearer' }),
    );
    expect(res.statusCode).toBe(401);
    expect(res.headers).toMatchObject({ 'content-type': 'application/json', 'www-authenticate': 'Bearer' });
    expect(Number(res.headers['content-length'])).toBe(Buffer.byteLength(text));
    expect(JSON.parse(text)).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: {
        code: -32600,
        message: 'Send Authorization: Bearer with a token of this gateway. Nicht für Sie.',
        data: { reason: 'unauthorized' },
      },
    });
  });

  it.each([true, false])(
    'lets a client that still sends its body read the answer, its connection kept: %s',
    async (keepAlive) => {
      answer = (_req, response) => refuse(response, failure('body_too_large'));
      const body = Buffer.alloc(8 * 1024 * 1024, 'x');
      const agent = new Agent({ keepAlive, maxSockets: 1 });
      for (let i = 0; i < 2; i++) {
        const status = await new Promise((resolve, reject) => {
          const req = request(
            { host: '127.0.0.1', port, agent, method: 'POST', headers: { 'content-length': body.length } },
            (res) => {
              res.resume();
              res.once('end', () => resolve(res.statusCode));
            },
          );
          req.once('error', reject);
          req.end(body);
        });
        expect(status).toBe(413);
      }
      agent.destroy();
    },
  );

  it('waits for no client that stopped half-way', async () => {
    answer = (_req, response) => refuse(response, failure('body_too_large'));
    const req = request({ host: '127.0.0.1', port, method: 'POST', headers: { 'content-length': 1000 } });
    const status = new Promise((resolve) => {
      req.once('response', (res) => resolve(res.resume().statusCode));
    });
    const cut = new Promise((resolve) => {
      req.once('error', resolve).once('close', resolve);
    });
    req.write('x');
    expect(await status).toBe(413);
    await cut;
  });

  it('keeps the connection', async () => {
    const { res } = await got((_req, response) => refuse(response, failure('no_such_path')));
    expect(res.headers.connection).not.toBe('close');
  });

  it('does not break into an answer that has begun', async () => {
    const { res, text } = await got((_req, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write('begun');
      refuse(response, failure('internal_error'));
      response.end('.');
    });
    expect([res.statusCode, text]).toEqual([200, 'begun.']);
  });

  it('minds no client that has gone', async () => {
    const gone = new Promise<void>((resolve) => {
      answer = (_req, res) =>
        res.once('close', () => {
          refuse(res, failure('internal_error'));
          resolve();
        });
    });
    const req = request({ host: '127.0.0.1', port });
    req.on('error', () => {});
    req.end();
    setTimeout(() => req.destroy(), 30);
    await gone;
  });
});
