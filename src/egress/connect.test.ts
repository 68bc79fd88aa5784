import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connect, guardedConnect } from './connect.ts';
import { EgressPolicy } from './policy.ts';
import { resolve } from './resolve.ts';

const pem = readFileSync(new URL('fixtures/loopback.pem', import.meta.url), 'utf8');
const open = new EgressPolicy({ allow: ['127.0.0.0/8', '::1'] });

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}));
  });
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Says hello to whoever comes. */
const greeter = (): Server => createServer((socket) => socket.end('hello'));
/** Takes connections and never says a word. */
const silent = (): Server => createServer(() => {});
const tlsGreeter = (): Server =>
  createTlsServer({ cert: pem, key: pem }, (socket) => socket.end(`hello, SNI ${String(socket.servername)}`));

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const named = (addresses: string[]): EgressPolicy =>
  new EgressPolicy({ allow: ['sallyport.test'], lookup: async () => addresses });

describe('guardedConnect', () => {
  it('connects where the policy lets it', async () => {
    const port = await listening(greeter());
    expect(await textOf(await guardedConnect('127.0.0.1', { port }, open))).toBe('hello');
    expect(await textOf(await guardedConnect('2130706433', { port }, open))).toBe('hello');
    expect(await textOf(await guardedConnect('[::ffff:7f00:1]', { port }, open))).toBe('hello');
  });

  it.each(['127.0.0.1', '0x7f.1', '::ffff:127.0.0.1', 'localhost', '::1', '0'])(
    'never gets as far as a socket to %s',
    async (host) => {
      const server = greeter();
      let connections = 0;
      server.on('connection', () => (connections += 1));
      const port = await listening(server);
      await expect(guardedConnect(host, { port }, new EgressPolicy())).rejects.toMatchObject({
        code: 'forbidden_address',
      });
      expect(connections).toBe(0);
    },
  );

  it('tries the next address when one does not answer', async () => {
    const port = await listening(greeter());
    const socket = await guardedConnect('sallyport.test', { port }, named(['::1', '127.0.0.2', '127.0.0.1']));
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });

  it('says that nobody listens', async () => {
    const port = await freePort();
    await expect(guardedConnect('127.0.0.1', { port }, open)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('does not look the name up again: the connection goes to what was checked', async () => {
    const port = await listening(greeter());
    const answers = [['127.0.0.1'], ['169.254.169.254']];
    const lookup = vi.fn(async () => answers.shift() ?? []);
    const policy = new EgressPolicy({ allow: ['127.0.0.0/8'], lookup });
    const target = await resolve('rebind.example', policy);
    expect(await textOf(await connect(target, { port }))).toBe('hello');
    expect(await textOf(await connect(target, { port }))).toBe('hello');
    expect(lookup).toHaveBeenCalledOnce();
    await expect(guardedConnect('rebind.example', { port }, policy)).rejects.toMatchObject({
      code: 'forbidden_address',
    });
  });

  it('hangs up when it finds itself somewhere else', async () => {
    // The operating system takes 0.0.0.0 for this machine: what was allowed is not what answers.
    const port = await listening(greeter());
    const policy = new EgressPolicy({ allow: ['0.0.0.0/8'] });
    await expect(guardedConnect('0.0.0.0', { port }, policy)).rejects.toMatchObject({ code: 'wrong_peer' });
  });

  it('ends with its time, also within the TLS handshake', async () => {
    const port = await listening(silent());
    const started = performance.now();
    await expect(guardedConnect('127.0.0.1', { port, tls: {}, timeoutMs: 100 }, open)).rejects.toMatchObject({
      code: 'connect_timeout',
      message: `"127.0.0.1" did not answer on port ${port} within 100 ms.`,
    });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('ends when it is not wanted any more, and closes the connection', async () => {
    const server = silent();
    const port = await listening(server);
    const controller = new AbortController();
    const reason = new Error('not wanted');
    const accepted = once(server, 'connection');
    const pending = guardedConnect('127.0.0.1', { port, tls: {}, signal: controller.signal }, open);
    pending.catch(() => {});
    const [peer] = (await accepted) as [Socket];
    const closed = once(peer.resume(), 'close');
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
    await closed;
    await expect(guardedConnect('127.0.0.1', { port, signal: controller.signal }, open)).rejects.toBe(reason);
  });
});

describe('guardedConnect with TLS', () => {
  it('keeps the name for SNI and for the certificate', async () => {
    const port = await listening(tlsGreeter());
    const socket = await guardedConnect('sallyport.test', { port, tls: { ca: pem } }, named(['127.0.0.1']));
    expect(socket).toBeInstanceOf(TLSSocket);
    expect(await textOf(socket)).toBe('hello, SNI sallyport.test');
  });

  it('sends no SNI for an address and checks the certificate against it', async () => {
    const port = await listening(tlsGreeter());
    const socket = await guardedConnect('127.0.0.1', { port, tls: { ca: pem } }, open);
    expect(await textOf(socket)).toBe('hello, SNI false');
    await expect(guardedConnect('127.0.0.2', { port, tls: { ca: pem } }, open)).rejects.toBeInstanceOf(Error);
  });

  it('refuses a certificate for another name, or that nobody vouches for', async () => {
    const port = await listening(tlsGreeter());
    const other = new EgressPolicy({ allow: ['127.0.0.0/8'], lookup: async () => ['127.0.0.1'] });
    await expect(guardedConnect('other.test', { port, tls: { ca: pem } }, other)).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    await expect(guardedConnect('127.0.0.1', { port, tls: {} }, open)).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });

  it('gives the socket away in one piece: what happens later is not our error', async () => {
    const behind = await listening(createTlsServer({ cert: pem, key: pem }, (each) => each.write('hello')));
    const wires: Socket[] = [];
    const wire = createServer((socket) => {
      wires.push(socket);
      socket.pipe(connectTcp(behind, '127.0.0.1')).pipe(socket);
    });
    const port = await listening(wire);
    const socket = await guardedConnect('127.0.0.1', { port, tls: { ca: pem } }, open);
    await once(socket, 'data');
    const failed = once(socket, 'error');
    wires[0]?.resetAndDestroy();
    await expect(failed).resolves.toMatchObject([{ code: 'ECONNRESET' }]);
  });
});
