import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect as connectPlain, type Socket } from 'node:net';
import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Pair, selfSigned } from '../testing.ts';
import { openAlpnDoor } from './alpn-door.ts';
import { Answers } from './answers.ts';

const NAME = 'mcp.test';

let server: Server;
let answers: Answers;
let real: Pair;
let proof: Pair;
beforeEach(async () => {
  [real, proof] = await Promise.all([selfSigned('real.test'), selfSigned(NAME)]);
  answers = new Answers();
  server = createServer({ ...real, ALPNProtocols: ['http/1.1'] }, (_req, res) => res.end('in'));
  openAlpnDoor(server, answers, 300);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const port = (): number => (server.address() as AddressInfo).port;

/** Comes as a client does; resolves when the handshake is over. */
async function come(protocol: string, over?: Socket): Promise<TLSSocket> {
  const socket = connect({
    ...(over ? { socket: over } : { host: '127.0.0.1', port: port() }),
    servername: NAME,
    ALPNProtocols: [protocol],
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  return socket;
}

const namesOf = (socket: TLSSocket): string | undefined => socket.getPeerCertificate().subjectaltname;

describe('the door of TLS-ALPN-01', () => {
  it('shows the proof to the validator, and goes on with everybody else', async () => {
    answers.addTls(NAME, createSecureContext(proof));
    const validator = await come('acme-tls/1');
    expect([validator.alpnProtocol, namesOf(validator)]).toEqual(['acme-tls/1', `DNS:${NAME}`]);
    await once(validator, 'close');
    const client = await come('http/1.1');
    expect(namesOf(client)).toBe('DNS:real.test');
    client.write(`GET / HTTP/1.1\r\nHost: ${NAME}\r\nConnection: close\r\n\r\n`);
    expect(String((await once(client, 'data'))[0])).toContain('200 OK');
    client.destroy();
  });

  it('knows a validator whose greeting comes byte by byte', async () => {
    answers.addTls(NAME, createSecureContext(proof));
    const { createServer: listen } = await import('node:net');
    const relay = listen((near) => {
      const far = connectPlain(port(), '127.0.0.1');
      far.setNoDelay(true);
      far.on('error', () => {}).pipe(near);
      near
        .on('error', () => {})
        .on('data', (chunk: Buffer) => {
          for (let at = 0; at < chunk.length; at += 100) far.write(chunk.subarray(at, at + 100));
        });
    }).listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const over = connectPlain((relay.address() as AddressInfo).port, '127.0.0.1');
    await once(over, 'connect');
    const validator = await come('acme-tls/1', over);
    expect(namesOf(validator)).toBe(`DNS:${NAME}`);
    validator.destroy();
    relay.close();
  });

  it('has nothing for a name without a challenge, and nothing at all when there is none', async () => {
    const takeBack = answers.addTls('other.test', createSecureContext(proof));
    await expect(come('acme-tls/1')).rejects.toThrow();
    takeBack();
    await expect(come('acme-tls/1')).rejects.toThrow(/no application protocol/i);
  });

  it('waits for nobody who does not greet', async () => {
    answers.addTls(NAME, createSecureContext(proof));
    for (const greeting of ['', '\u0016\u0003', '\u0016\u0003\u0001\u00ff\u00ffx']) {
      const socket = connectPlain(port(), '127.0.0.1');
      socket.on('error', () => {}).resume();
      socket.write(greeting, 'latin1');
      await once(socket, 'close');
    }
  });

  it('leaves what is no TLS to the server', async () => {
    answers.addTls(NAME, createSecureContext(proof));
    const socket = connectPlain(port(), '127.0.0.1');
    let received = '';
    socket.on('error', () => {}).on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'close');
    expect(received).not.toContain('200');
  });
});
