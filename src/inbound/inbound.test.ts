import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { result } from '../core/reply.ts';
import { modern, serve } from './testing.ts';

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

/** Writes bytes to the port as they are; resolves with everything that came when the other side closes. */
async function raw(port: number, ...pieces: (string | Buffer)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  socket.on('error', () => {});
  for (const piece of pieces) socket.write(piece);
  await once(socket, 'close');
  return received;
}

describe('the HTTP method', () => {
  it.each([
    ['PUT', 'GET, POST, DELETE'],
    ['PATCH', 'GET, POST, DELETE'],
    ['OPTIONS', 'GET, POST, DELETE'],
    ['HEAD', 'GET, POST, DELETE'],
  ])('%s is not taken: 405, and which ones are', async (method, allow) => {
    await using endpoint = await serve();
    const answer = await endpoint.send({ method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe(allow);
  });

  it.each(['GET', 'DELETE', 'PUT'])('%s is not for clients of 2026-07-28: 405', async (method) => {
    await using endpoint = await serve();
    const session = await endpoint.open();
    const headers = { ...session, 'mcp-protocol-version': '2026-07-28' };
    const answer = await endpoint.send({ method, headers });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('POST');
    expect((await endpoint.post(PING, session)).status, 'the session is as it was').toBe(200);
  });
});

describe('Content-Type', () => {
  it.each([
    undefined,
    '',
    'text/plain',
    'application/json5',
    'application/jsonp',
    'text/json',
    'json',
    '*/*',
  ])('%j is not JSON: 415', async (type) => {
    await using endpoint = await serve();
    const answer = await endpoint.post(PING, { 'content-type': type });
    expect(answer.status).toBe(415);
    expect(answer.last.error?.code).toBe(-32600);
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    ' application/json ;x=y',
  ])('%j is', async (type) => {
    await using endpoint = await serve();
    expect((await endpoint.post(PING, { 'content-type': type })).status).toBe(400); // No session.
  });
});

describe('Accept', () => {
  it.each([
    'application/json',
    'text/event-stream',
    'text/html, application/json',
    'application/json;q=0, text/event-stream',
    'application/json, text/event-stream;q=0.0',
    'text/*, image/*',
    '',
  ])('%j does not take both kinds of answer: 406', async (accept) => {
    await using endpoint = await serve();
    expect((await endpoint.post(PING, { accept })).status).toBe(406);
  });

  it.each([
    '*/*',
    'text/event-stream,application/json',
    'application/*, text/*',
    'Application/JSON, TEXT/event-stream;q=0.1',
  ])('%j does', async (accept) => {
    await using endpoint = await serve();
    expect((await endpoint.post(PING, { accept })).status).toBe(400); // No session.
  });

  it('a GET that takes no event stream gets none: 406', async () => {
    await using endpoint = await serve();
    const headers = { ...(await endpoint.open()), accept: 'application/json' };
    expect((await endpoint.send({ method: 'GET', headers })).status).toBe(406);
  });
});

/** A ping of exactly so many bytes. */
function filled(bytes: number): string {
  return PING.replace('{', `{"x":"${'x'.repeat(bytes - PING.length - 7)}",`);
}

describe('the size of a body', () => {
  it.each([false, true])('up to the limit is taken, chunked: %s', async (chunked) => {
    await using endpoint = await serve({ bodyBytes: 2000 });
    const session = await endpoint.open();
    const body = filled(2000);
    expect(body).toHaveLength(2000);
    expect((await endpoint.send({ headers: session, body, chunked })).status).toBe(200);
  });

  it.each([false, true])('over the limit by one byte is refused: 413, chunked: %s', async (chunked) => {
    await using endpoint = await serve({ bodyBytes: 2000 });
    const answer = await endpoint.send({ body: filled(2001), chunked });
    expect(answer.status).toBe(413);
    expect(answer.last.error).toMatchObject({ code: -32600, data: { reason: 'body_too_large' } });
    expect(answer.last.error?.message).toContain('2000');
  });

  it('is refused as announced, without waiting for a byte of it, and the connection is closed', async () => {
    await using endpoint = await serve({ bodyBytes: 2000 });
    const head =
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n';
    expect(await raw(endpoint.port, head)).toMatch(/^HTTP\/1\.1 413 [\s\S]*body_too_large/);
  });

  it('without end is cut off at the limit', async () => {
    await using endpoint = await serve({ bodyBytes: 2000 });
    const head =
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const chunk = `3e8\r\n${'x'.repeat(1000)}\r\n`;
    expect(await raw(endpoint.port, head, chunk, chunk, chunk)).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('the bytes of a body', () => {
  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['blanks', ' \r\n\t'],
    ['half of a message', '{"jsonrpc":"2.0","id":1,'],
    ['two messages', PING + PING],
    ['a message and a NUL', `${PING}\0`],
    ['a byte order mark', `\ufeff${PING}`],
    ['single quotes', "{'jsonrpc':'2.0'}"],
    ['a comment', `/**/${PING}`],
    ['NaN', '{"jsonrpc":"2.0","id":NaN,"method":"ping"}'],
    ['a line break in a string', '{"jsonrpc":"2.0","id":"\n","method":"ping"}'],
    ['UTF-16', Buffer.from(PING, 'utf16le')],
    ['a lone continuation byte', Buffer.from(PING.replace('ping', 'p\x80'), 'latin1')],
    ['an overlong encoding', Buffer.from(PING.replace('ping', '\xc0\xaf'), 'latin1')],
    ['a surrogate in UTF-8', Buffer.from(PING.replace('ping', '\xed\xa0\x80'), 'latin1')],
    ['a character cut off at the end', Buffer.from(`${PING.slice(0, -1)},"x":"\xe2\x82`, 'latin1')],
    ['gzip', Buffer.from('1f8b080000000000000303000000000000000000', 'hex')],
  ])('%s: 400 and -32700', async (_title, body) => {
    await using endpoint = await serve();
    const answer = await endpoint.send({ headers: await endpoint.open(), body });
    expect(answer.status).toBe(400);
    expect(answer.last).toMatchObject({ id: null, error: { code: -32700 } });
  });

  it.each(['"text"', '1', 'null', 'true', '[]', '[1]', '{}', '{"jsonrpc":"1.0","id":1,"method":"ping"}'])(
    '%s is JSON, but no message: 400 and -32600',
    async (body) => {
      await using endpoint = await serve();
      const answer = await endpoint.post(body, await endpoint.open());
      expect(answer.status).toBe(400);
      expect(answer.last.error?.code).toBe(-32600);
    },
  );

  it('may be cut anywhere, also within a character', async () => {
    const seen: unknown[] = [];
    await using endpoint = await serve({
      handle: (call) => {
        seen.push(call.params['name']);
        return Promise.resolve(result({}));
      },
    });
    const { body = '', headers = {} } = modern(
      'tools/call',
      { name: '이름 😀' },
      {
        headers: { 'mcp-name': `=?base64?${Buffer.from('이름 😀').toString('base64')}?=` },
      },
    );
    const lines = Object.entries({
      host: 'x',
      'content-type': 'application/json',
      connection: 'close',
      ...headers,
    });
    const head = `POST / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`;
    const bytes = Buffer.from(body);
    const chunks = [...bytes].map((byte) => Buffer.from([0x31, 13, 10, byte, 13, 10]));
    const received = await raw(
      endpoint.port,
      `${head}transfer-encoding: chunked\r\n\r\n`,
      ...chunks,
      '0\r\n\r\n',
    );
    expect(received).toMatch(/^HTTP\/1\.1 200 /);
    expect(seen).toEqual(['이름 😀']);
  });

  it('that stop coming are no call', async () => {
    const seen: string[] = [];
    await using endpoint = await serve({
      handle: (call) => {
        seen.push(call.method);
        return Promise.resolve(result({}));
      },
    });
    const { body = '', headers = {} } = modern('tools/list');
    const lines = Object.entries({ host: 'x', 'content-type': 'application/json', ...headers });
    const head = `POST / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`;
    const socket = connect(endpoint.port, '127.0.0.1');
    socket.write(`${head}content-length: ${body.length}\r\n\r\n${body.slice(0, -1).toString()}`);
    await endpoint.modern('tools/list'); // The other one is there by now.
    socket.destroy();
    expect((await endpoint.modern('prompts/list')).status).toBe(200);
    expect(seen).toEqual(['tools/list', 'prompts/list']);
  });

  it('nested fifty thousand deep harm nobody, in any place', async () => {
    await using endpoint = await serve({ handle: (call) => Promise.resolve(result({ echo: call.params })) });
    const session = await endpoint.open();
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    const nested = '{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000);
    const sent = modern('tools/call', { name: 'x', arguments: 'HERE' });
    const bodies: [string | Buffer | undefined, typeof sent.headers][] = [
      [deep, session],
      [nested, session],
      [`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"x":${deep}}}`, session],
      [`{"jsonrpc":"2.0","id":${deep},"method":"tools/list"}`, session],
      [`{"jsonrpc":"2.0","id":1,"method":${nested}}`, session],
      [`{"jsonrpc":"2.0","id":1,"result":${nested}}`, session],
      [`{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"capabilities":{"roots":${nested}}}}`, {}],
      [sent.body?.toString().replace('"HERE"', nested), sent.headers],
    ];
    for (const [body = '', headers = {}] of bodies) {
      const answer = await endpoint.send({ body, headers });
      expect(answer).toMatchObject({ status: 400, last: { error: { code: -32600 } } });
    }
    expect((await endpoint.post(PING, session)).last).toEqual({ jsonrpc: '2.0', result: {}, id: 1 });
  });
});
