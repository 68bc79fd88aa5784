import type { Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Answers } from './answers.ts';

/** RFC 8737, section 4, with its length in front as ALPN has it (RFC 7301, section 3.1). */
const PROTOCOL = 'acme-tls/1';
const WISH = Buffer.from(`\n${PROTOCOL}`);
/** A TLS record: type, version, length (RFC 8446, section 5.1). */
const HANDSHAKE = 22;
const HEADER_BYTES = 5;
const LARGEST_RECORD = 16_384;

/**
 * Lets the validator of a TLS-ALPN-01 challenge have its certificate, and everybody else in as ever.
 *
 * A server of Node chooses a certificate by name before it knows the protocol that is wished for, and the validator comes
 * by the name of the real one. So, while there is a challenge, and only then, the first record of each connection is
 * looked at before a server gets the connection.
 */
export function openAlpnDoor(server: Server, answers: Answers, timeoutMs: number): void {
  // The one listener there is so early: that of Node itself, which begins TLS on a connection.
  const usual = server.listeners('connection');
  server.removeAllListeners('connection');
  const letIn = (socket: Socket): void => {
    for (const begin of usual) Reflect.apply(begin, server, [socket]);
  };
  server.on('connection', (socket: Socket) => {
    if (!answers.hasTls) return letIn(socket);
    firstRecord(socket, timeoutMs, (record) => {
      socket.unshift(record);
      if (record.includes(WISH)) proveTo(socket, answers, timeoutMs);
      else letIn(socket);
    });
  });
}

/** Reads until the first record is whole: a ClientHello with a key of a post-quantum exchange comes in two packets. */
function firstRecord(socket: Socket, timeoutMs: number, done: (record: Buffer) => void): void {
  let read = Buffer.alloc(0);
  const giveUp = (): unknown => socket.destroy();
  const timer = setTimeout(giveUp, timeoutMs);
  socket.once('error', giveUp);
  const stop = (): void => {
    clearTimeout(timer);
    socket.off('error', giveUp).off('data', take).off('close', stop);
    socket.pause();
  };
  const take = (chunk: Buffer): void => {
    read = Buffer.concat([read, chunk]);
    if (read.length < wantedBytes(read)) return;
    stop();
    done(read);
  };
  socket.on('data', take).once('close', stop);
}

function wantedBytes(read: Buffer): number {
  // Whatever this is, the server will know what to say to it.
  if (read.length > 0 && read[0] !== HANDSHAKE) return 0;
  if (read.length < HEADER_BYTES) return HEADER_BYTES;
  return HEADER_BYTES + Math.min(read.readUInt16BE(3), LARGEST_RECORD);
}

/**
 * > Once the handshake has been completed, the client MUST NOT exchange any further data with the server and MUST
 * > immediately close the connection. (RFC 8737, section 3)
 */
function proveTo(socket: Socket, answers: Answers, timeoutMs: number): void {
  const secure = new TLSSocket(socket, {
    isServer: true,
    ALPNProtocols: [PROTOCOL],
    SNICallback: (name, done) => {
      const context = answers.tls(name);
      if (context) done(null, context);
      else done(new Error('there is no challenge for this name'));
    },
  });
  secure.setTimeout(timeoutMs, () => secure.destroy());
  secure.on('error', () => secure.destroy());
  secure.on('secure', () => secure.end());
  secure.on('data', () => secure.destroy());
}
