import diagnostics from 'node:diagnostics_channel';
import { type EventEmitter, once } from 'node:events';
import { Agent, request, type ServerResponse } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Listener, ListenError } from './listener.ts';
import { listen } from './testing.ts';

const HOST = 'Host: localhost';

/** An endpoint that keeps its requests until the test answers them. */
function keeping(): {
  mcp: (req: unknown, res: ServerResponse) => void;
  next: () => Promise<ServerResponse>;
} {
  const kept: ServerResponse[] = [];
  const wanted: ((res: ServerResponse) => void)[] = [];
  return {
    mcp(_req, res) {
      const take = wanted.shift();
      if (take) take(res);
      else kept.push(res);
    },
    next: () =>
      new Promise((resolve) => {
        const res = kept.shift();
        if (res) resolve(res);
        else wanted.push(resolve);
      }),
  };
}

async function open(port: number, text = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

describe('the listener', () => {
  it('hands the requests on, with the server of the path', async () => {
    await using door = await listen({ publicUrl: 'https://example.com/gw/' });
    for (const path of ['/mcp', '/mcp/', '/servers/a/mcp', '/gw/mcp', '/gw/servers/b/mcp?x'])
      expect((await door.ask('POST', path, HOST)).status).toBe(200);
    expect(door.let).toEqual([undefined, undefined, 'a', undefined, 'b']);
  });

  it('says where the endpoint is when nothing is there: 404', async () => {
    await using door = await listen();
    const answer = await door.ask('GET', '/nothing', HOST);
    expect(answer.status).toBe(404);
    expect(answer.body).toContain('/mcp');
  });

  it.each([
    ['a line that is none', 'hello\r\n\r\n'],
    ['a space before the colon', `POST /mcp HTTP/1.1\r\n${HOST}\r\nContent-Length : 1\r\n\r\nx`],
    ['two lengths', `POST /mcp HTTP/1.1\r\n${HOST}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy`],
    [
      'a length and chunks',
      `POST /mcp HTTP/1.1\r\n${HOST}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a line break in a header', `POST /mcp HTTP/1.1\r\n${HOST}\r\nX: a\n b: c\r\n\r\n`],
    ['a NUL in a header', `POST /mcp HTTP/1.1\r\n${HOST}\r\nX: a\0b\r\n\r\n`],
    ['headers without end', `GET /mcp HTTP/1.1\r\n${HOST}\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
  ])('lets nobody in by %s', async (_title, text) => {
    await using door = await listen();
    expect(await door.raw(text)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(door.let).toEqual([]);
  });

  it.each([
    ['an upgrade', 'GET /mcp', 'Upgrade: websocket\r\nConnection: Upgrade, close'],
    ['a tunnel', 'CONNECT localhost:22', 'Connection: close'],
    ['an expectation', 'POST /mcp', 'Expect: 100-continue\r\nContent-Length: 0\r\nConnection: close'],
    ['a wish of another protocol', 'GET /mcp', 'Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c'],
  ])('%s is no way around the door', async (_title, line, headers) => {
    await using door = await listen();
    const answer = await door.raw(`${line} HTTP/1.1\r\nHost: evil.example\r\n${headers}\r\n\r\n`);
    expect(answer).not.toMatch(/^HTTP\/1\.1 [123]\d\d (?!Continue)/);
    expect(door.let).toEqual([]);
  });

  it('takes requests by IPv6, too', async () => {
    await using door = await listen({ listen: { host: '::1', port: 0 } });
    expect(door.host).toBe('::1');
    expect((await door.ask('POST', '/mcp', `Host: [::1]:${door.port}`)).status).toBe(200);
  });
});

describe('a client that takes its time', () => {
  // Node looks once a second, so that each takes between its limit and a second more.
  it.each([
    ['without a word', ''],
    ['in the middle of its headers', `POST /mcp HTTP/1.1\r\n${HOST}\r\nX-Slow: `],
    ['in the middle of its body', `POST /mcp HTTP/1.1\r\n${HOST}\r\nContent-Length: 10\r\n\r\nhalf`],
    ['after its request', `GET /health HTTP/1.1\r\n${HOST}\r\n\r\n`],
  ])('%s is sent away', { concurrent: true }, async (_title, text) => {
    const times = { headersMs: 200, bodyMs: 300, idleMs: 400 };
    await using door = await listen({ ...times, mcp: (req) => void req.resume() });
    const started = performance.now();
    const socket = await open(door.port, text);
    socket.resume();
    await once(socket, 'close');
    expect(performance.now() - started).toBeLessThan(4000);
  });

  it('but whose request is complete, is waited for', { concurrent: true }, async () => {
    const kept = keeping();
    await using door = await listen({ headersMs: 100, bodyMs: 100, idleMs: 100, mcp: kept.mcp });
    const answer = door.ask('POST', '/mcp', HOST, 'Content-Length: 0');
    const res = await kept.next();
    await new Promise((resolve) => {
      setTimeout(resolve, 1500);
    });
    res.end('late');
    expect((await answer).body).toBe('late');
  });
});

describe('a connection that cannot be accepted', () => {
  it('is no reason to end the others, however often it happens', async () => {
    await using door = await listen();
    let server: EventEmitter | undefined;
    const learn = (message: unknown): void => {
      server ??= (message as { server: EventEmitter }).server;
    };
    diagnostics.subscribe('http.server.request.start', learn);
    await door.ask('GET', '/health', HOST);
    diagnostics.unsubscribe('http.server.request.start', learn);
    for (let i = 0; i < 3; i++)
      server?.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
    expect(server?.listenerCount('error')).toBeGreaterThan(0);
    expect((await door.ask('GET', '/health', HOST)).status).toBe(200);
  });
});

describe('more connections than allowed', () => {
  it('are closed at once, and the others stay', async () => {
    await using door = await listen({ connections: 2 });
    const [first, second] = [await open(door.port), await open(door.port)];
    const third = await open(door.port);
    third.resume();
    await once(third, 'close');
    first.destroy();
    second.write(`GET /health HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`);
    const [answer] = (await once(second, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('close', () => {
  it('does not wait for a connection on which nothing was asked yet', async () => {
    const door = await listen();
    const socket = connect(door.port, door.host);
    await once(socket, 'connect');
    // The server has it, too, once it has answered a later one.
    await door.ask('GET', '/health', HOST);
    const begun = performance.now();
    await door.listener.close(10_000);
    expect(performance.now() - begun).toBeLessThan(5000);
    socket.destroy();
  });

  it('takes no new connections, and waits for what is under way', async () => {
    const kept = keeping();
    const door = await listen({ mcp: kept.mcp });
    const answer = door.ask('POST', '/mcp', HOST, 'Content-Length: 0');
    const res = await kept.next();
    let closed = false;
    const closing = door.listener.close(10_000).then(() => (closed = true));
    const late = await open(door.port).then(
      () => 'connected',
      () => 'refused',
    );
    expect({ late, closed }).toEqual({ late: 'refused', closed: false });
    res.end('finished');
    expect((await answer).body).toBe('finished');
    await closing;
  });

  it('does not wait for connections on which nothing is under way', async () => {
    const door = await listen();
    const idle = await open(door.port, `GET /health HTTP/1.1\r\n${HOST}\r\n\r\n`);
    await once(idle, 'data');
    const started = performance.now();
    await door.listener.close(10_000);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('does not wait for a connection once its last answer is out', async () => {
    const kept = keeping();
    const door = await listen({ mcp: kept.mcp });
    const agent = new Agent({ keepAlive: true });
    const asked = request({ host: '127.0.0.1', port: door.port, path: '/mcp', agent });
    asked.end();
    const res = await kept.next();
    const started = performance.now();
    const closing = door.listener.close(5000);
    res.end('finished');
    const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
    response.resume();
    await closing;
    agent.destroy();
    expect(performance.now() - started).toBeLessThan(1500);
  });

  it('waits no longer than it is told', async () => {
    const kept = keeping();
    const door = await listen({ mcp: kept.mcp });
    const answer = door.ask('POST', '/mcp', HOST, 'Content-Length: 0');
    await kept.next();
    const started = performance.now();
    await door.listener.close(200);
    expect(performance.now() - started).toBeLessThan(2000);
    expect((await answer).status).toBeNaN();
  });
});

function at(host: string, port: number): Listener {
  return new Listener({
    listen: { host, port },
    allowedHosts: [],
    allowedOrigins: [],
    connections: 1,
    headersMs: 1000,
    bodyMs: 1000,
    idleMs: 1000,
    health: () => [],
    mcp: () => {},
  });
}

describe('an address that cannot be had', () => {
  it('because somebody has it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const error: unknown = await at('127.0.0.1', port)
      .open()
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ListenError);
    expect(error).toMatchObject({
      code: 'EADDRINUSE',
      message: `Cannot listen on 127.0.0.1:${port}: another program listens there already. Choose another with --listen HOST:PORT.`,
    });
    other.close();
  });

  it('because it is not one of this machine', async () => {
    // 192.0.2.0/24 is for documentation (RFC 5737): no machine has an address of it.
    await expect(at('192.0.2.1', 8080).open()).rejects.toThrow(
      /192\.0\.2\.1:8080: this machine has no such address/,
    );
  });

  it('because it is no address', async () => {
    await expect(at('no-such-host.invalid', 8080).open()).rejects.toThrow(
      /Cannot listen on no-such-host\.invalid:8080/,
    );
  });

  it.each([
    ['EACCES', 'more rights'],
    ['EADDRINUSE', 'another program'],
    ['EADDRNOTAVAIL', 'no such address'],
    ['EWEIRD', 'EWEIRD'],
  ])('%s is told in words, with what to do', (code, words) => {
    const { message, name } = new ListenError(code, 'host', 80);
    expect(name).toBe('ListenError');
    expect(message).toContain('host:80');
    expect(message).toContain(words);
    expect(message).toContain('--listen HOST:PORT');
  });
});
