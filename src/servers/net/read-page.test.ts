import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EgressPolicy } from '../../egress/policy.ts';
import { explain } from './failure.ts';
import { type FetchedPage, readPage } from './read-page.ts';

const policy = new EgressPolicy({
  allow: ['127.0.0.1', 'sallyport.test'],
  lookup: async (name) => (name === 'sallyport.test' ? ['127.0.0.1'] : ['169.254.169.254']),
});
const wanted = new AbortController().signal;

/** Starts a web server and answers its origin. */
async function site(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** Starts a server that says these bytes to whoever comes. */
async function rawSite(say: (socket: Socket) => void): Promise<string> {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    say(socket.resume());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

function read(url: string, maxChars = 20_000, signal = wanted): Promise<FetchedPage> {
  return readPage(new URL(url), maxChars, policy, signal);
}

/** What a caller of the tool would be told. */
async function failure(url: string, signal = wanted): Promise<string> {
  return read(url, 20_000, signal).then(
    (page) => `no failure but ${JSON.stringify(page)}`,
    (error: unknown) => explain(error),
  );
}

const send = (type: string | undefined, body: string | Buffer, headers = {}): RequestListener => {
  return (_req, res) => {
    res.writeHead(200, { ...(type !== undefined && { 'content-type': type }), ...headers }).end(body);
  };
};

describe('readPage', () => {
  it('reads a page', async () => {
    const origin = await site(send('text/html; charset=utf-8', '<title>T</title><h1>안녕</h1><p>you'));
    await expect(read(`${origin}/a?b=c`)).resolves.toEqual({
      url: `${origin}/a?b=c`,
      redirects: [],
      status: 200,
      content_type: 'text/html; charset=utf-8',
      title: 'T',
      text: '안녕\n\nyou',
      total_chars: 7,
      truncated: false,
      note: null,
    });
  });

  it('asks as itself, without a cookie or a token', async () => {
    const seen: unknown[] = [];
    const origin = await site((req, res) => {
      seen.push(req.headers, req.method, req.url);
      res.end();
    });
    await read(`${origin}/p%20q?x=%2F`);
    expect(seen).toEqual([
      {
        host: new URL(origin).host,
        connection: 'keep-alive',
        'user-agent': 'Sallyport fetch_page',
        accept: expect.stringContaining('text/html') as string,
        'accept-encoding': 'gzip, br',
      },
      'GET',
      '/p%20q?x=%2F',
    ]);
  });

  it.each([
    ['application/json', '{"a":  1}', '{"a":  1}'],
    ['text/plain', '<b>not bold</b>', '<b>not bold</b>'],
    ['text/html; charset=euc-kr', Buffer.from([0xc7, 0xd1, 0xb1, 0xdb]), '한글'],
    [undefined, '<!doctype html><p>page', 'page'],
    [undefined, 'just text', 'just text'],
    ['text/html', '', ''],
  ])('reads %j', async (type, body, text) => {
    const origin = await site(send(type, body));
    await expect(read(origin)).resolves.toMatchObject({ text, truncated: false, note: null });
  });

  it.each([
    ['image/png', Buffer.from('\x89PNG\0'), 'This is not text but image/png, so it was not read.'],
    [
      undefined,
      Buffer.from('GIF89a\0'),
      'This is not text but something without a type, so it was not read.',
    ],
  ])('says of %j that it is no text', async (type, body, note) => {
    const origin = await site(send(type, body));
    await expect(read(origin)).resolves.toMatchObject({ status: 200, text: '', title: null, note });
  });

  it('does not wait for the end of what it does not read', async () => {
    const origin = await site((_req, res) => {
      res.writeHead(200, { 'content-type': 'video/mp4' });
      res.write('forever');
    });
    await expect(read(origin)).resolves.toMatchObject({ content_type: 'video/mp4', text: '' });
  });

  it('an error page is a page', async () => {
    const origin = await site((_req, res) =>
      res.writeHead(404, { 'content-type': 'text/html' }).end('<p>gone'),
    );
    await expect(read(origin)).resolves.toMatchObject({ status: 404, text: 'gone' });
  });

  it('tells what it left out', async () => {
    const origin = await site(send('text/plain', 'x'.repeat(500)));
    await expect(read(origin, 100)).resolves.toMatchObject({
      text: 'x'.repeat(100),
      total_chars: 500,
      truncated: true,
      note: 'Only the first 100 of 500 characters are here: ask for more with max_chars.',
    });
    await expect(read(origin, 500)).resolves.toMatchObject({ truncated: false, note: null });
  });

  it('does not cut a character in two', async () => {
    const origin = await site(send('text/plain', `${'x'.repeat(99)}🐟🐟`));
    await expect(read(origin, 100)).resolves.toMatchObject({ text: 'x'.repeat(99), truncated: true });
    await expect(read(origin, 101)).resolves.toMatchObject({ text: `${'x'.repeat(99)}🐟` });
  });
});

describe('readPage and the size of a page', () => {
  const MiB = 1024 * 1024;

  it.each([
    ['as it is', (body: Buffer) => ({ body, encoding: undefined })],
    ['gzip', (body: Buffer) => ({ body: gzipSync(body), encoding: 'gzip' })],
    ['deflate', (body: Buffer) => ({ body: deflateSync(body), encoding: 'Deflate' })],
    ['br', (body: Buffer) => ({ body: brotliCompressSync(body), encoding: 'br' })],
    ['twice', (body: Buffer) => ({ body: brotliCompressSync(gzipSync(body)), encoding: 'gzip, br' })],
    ['identity', (body: Buffer) => ({ body, encoding: 'identity' })],
  ])('unpacks a page: %s', async (_name, pack) => {
    const { body, encoding } = pack(Buffer.from('한글 '.repeat(100)));
    const origin = await site(send('text/plain', body, encoding && { 'content-encoding': encoding }));
    await expect(read(origin)).resolves.toMatchObject({ text: '한글 '.repeat(100) });
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(200 * MiB, 'x'))],
    ['br', brotliCompressSync(Buffer.alloc(50 * MiB, 'x'))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(200 * MiB, 'x')))],
  ])('reads no more than 2 MiB of a bomb: %s', async (encoding, bomb) => {
    const origin = await site(send('text/plain', bomb, { 'content-encoding': encoding }));
    const page = await read(origin, 100);
    expect(page).toMatchObject({ text: 'x'.repeat(100), total_chars: 2 * MiB, truncated: true });
    expect(page.note).toContain('longer than 2 MiB');
  });

  it('reads no more than 2 MiB of a page that never ends, and hangs up', async () => {
    let hungUp = false;
    const pour = (res: ServerResponse): void => {
      while (res.writable && res.write('x'.repeat(64 * 1024)));
      res.once('drain', () => pour(res));
    };
    const origin = await site((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/plain' }).on('close', () => (hungUp = true));
      pour(res);
    });
    await expect(read(origin, 100)).resolves.toMatchObject({ total_chars: 2 * MiB, truncated: true });
    await expect.poll(() => hungUp, { timeout: 4000 }).toBe(true);
  });

  it('does not unpack for ever what unpacks to nothing', async () => {
    // Deflate blocks that are empty: five bytes in, none out.
    const nothing = Buffer.concat(Array.from({ length: MiB }, () => Buffer.from([0, 0, 0, 0xff, 0xff])));
    const body = Buffer.concat([Buffer.from([0x78, 0x9c]), nothing]);
    const origin = await site(send('text/plain', body, { 'content-encoding': 'deflate' }));
    expect(await failure(origin)).toContain('UND_ERR_RES_EXCEEDED_MAX_SIZE');
  });

  it.each([
    ['zstd', 'x', 'packed in a way that is not understood'],
    ['gzip, gzip, gzip', 'x', 'packed in a way that is not understood'],
    ['gzip', 'not gzip at all', 'not packed in the way its Content-Encoding says'],
    ['br', 'not brotli at all', 'not packed in the way its Content-Encoding says'],
    ['gzip', gzipSync('x'.repeat(1000)).subarray(0, 15), 'ends too early'],
  ])('says what is wrong with %s', async (encoding, body, message) => {
    const origin = await site(send('text/plain', body, { 'content-encoding': encoding }));
    expect(await failure(origin)).toContain(message);
  });
});

function redirect(res: ServerResponse, location: string, status = 302): void {
  res.writeHead(status, { location }).end('moved');
}

describe('readPage and redirects', () => {
  it.each([301, 302, 303, 307, 308])('follows a %d', async (status) => {
    const origin = await site((req, res) =>
      req.url === '/new?x' ? send('text/plain', 'here')(req, res) : redirect(res, '/new?x#y', status),
    );
    await expect(read(`${origin}/old`)).resolves.toMatchObject({
      url: `${origin}/new?x`,
      redirects: [`${origin}/old`],
      status: 200,
      text: 'here',
    });
  });

  it('follows five, and not six', async () => {
    const origin = await site((req, res) => {
      const left = Number(req.url?.slice(1));
      return left === 0 ? send('text/plain', 'here')(req, res) : redirect(res, `/${left - 1}`);
    });
    await expect(read(`${origin}/5`)).resolves.toMatchObject({ text: 'here', redirects: { length: 5 } });
    expect(await failure(`${origin}/6`)).toBe(
      'After a redirect: there is another one, and at most 5 are followed.',
    );
  });

  it.each([
    ['http://169.254.169.254/latest/meta-data/', 'add "169.254.0.0/16" to "allow"'],
    ['http://[::ffff:169.254.169.254]/', 'add "169.254.0.0/16" to "allow"'],
    ['http://2852039166/', 'add "169.254.0.0/16" to "allow"'],
    ['http://[64:ff9b::a9fe:a9fe]/', 'add "64:ff9b::/96" to "allow"'],
    ['http://127.0.0.2:1/', 'add "127.0.0.0/8" to "allow"'],
    ['//metadata.example/', 'add "169.254.0.0/16" or "metadata.example" to "allow"'],
    ['file:///etc/passwd', 'neither http nor https'],
    ['http://user:hunter2@sallyport.test/', 'user name or password'],
    ['http://', 'is not a URL'],
  ])('checks where one leads: %s', async (location, message) => {
    const origin = await site((_req, res) => redirect(res, location));
    const said = await failure(origin);
    expect(said).toContain('After a redirect: ');
    expect(said).toContain(message);
    expect(said).not.toContain('hunter2');
  });

  it('takes a redirect that leads nowhere for a page', async () => {
    const origin = await site((_req, res) => res.writeHead(304).end());
    await expect(read(origin)).resolves.toMatchObject({ status: 304, text: '' });
    const silent = await site((_req, res) =>
      res.writeHead(302, { 'content-type': 'text/plain' }).end('where?'),
    );
    await expect(read(silent)).resolves.toMatchObject({ status: 302, text: 'where?', redirects: [] });
  });

  it('does not read what a redirect says besides', async () => {
    const origin = await site((req, res) => {
      if (req.url === '/there') res.end('here');
      else res.writeHead(302, { location: '/there' }).write('x'.repeat(1024 * 1024));
    });
    await expect(read(origin)).resolves.toMatchObject({ text: 'here' });
  });
});

describe('readPage and servers that misbehave', () => {
  it.each([
    ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'does not speak HTTP'],
    ['hangs up', '', 'The server hung up'],
    ['sends half a header', 'HTTP/1.1 200 OK\r\nContent-', 'The server hung up'],
    [
      'sends half a page',
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nhalf',
      'hung up',
    ],
    [
      'sends a header without end',
      `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      'more headers than are read',
    ],
  ])('one that %s', async (_case, bytes, message) => {
    const origin = await rawSite((socket) => socket.end(bytes));
    expect(await failure(origin)).toContain(message);
  });

  it('one that is not there', async () => {
    const origin = await rawSite(() => {});
    const { port } = new URL(origin);
    expect(await failure(`http://127.0.0.1:${port}/`, AbortSignal.timeout(100))).toContain(
      'It took too long',
    );
    expect(await failure('http://127.0.0.1:1/')).toContain('Nothing listens at this port');
    expect(await failure(`https://127.0.0.1:${port}/`, AbortSignal.timeout(100))).toContain(
      'It took too long',
    );
  });

  it('one that speaks http where https was asked for', async () => {
    const origin = await site((_req, res) => res.end());
    expect(await failure(origin.replace('http:', 'https:'))).toContain('Try the scheme "http"');
  });

  it('one that stops in the middle: the time is over for all of it', async () => {
    const origin = await site((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/plain' });
      res.write('and then');
    });
    expect(await failure(origin, AbortSignal.timeout(100))).toContain('It took too long');
  });

  it('one that is not waited for any more: the connection ends', async () => {
    const controller = new AbortController();
    const reason = new Error('not wanted');
    let hungUp = false;
    const origin = await site((_req, res) => {
      res.writeHead(200, { 'content-type': 'text/plain' }).on('close', () => (hungUp = true));
      res.write('and then');
      controller.abort(reason);
    });
    await expect(read(origin, 100, controller.signal)).rejects.toBe(reason);
    await expect.poll(() => hungUp, { timeout: 4000 }).toBe(true);
  });
});
