import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { parseAddress } from './address.ts';
import { EgressError, quoted } from './error.ts';
import type { EgressPolicy } from './policy.ts';
import { type CheckedHost, resolve } from './resolve.ts';

export interface ConnectOptions {
  readonly port: number;
  /** Speak TLS; with which CA, client certificate and so on. The certificate is always verified. */
  readonly tls?: SecureContextOptions & { readonly servername?: string };
  /** How long connecting, with TLS, may take over all addresses together. Default: 10000. */
  readonly timeoutMs?: number;
  /** Ends the attempt; afterwards the socket is the caller's. */
  readonly signal?: AbortSignal;
}

/** `resolve` and `connect` in one. */
export async function guardedConnect(
  host: string,
  options: ConnectOptions,
  policy: EgressPolicy,
): Promise<Socket | TLSSocket> {
  return connect(await resolve(host, policy, options.signal), options);
}

/**
 * Connects to a checked host: to its addresses themselves, one after the other until one answers, so that no name is
 * looked up again. SNI and the certificate check still go by the name.
 * @throws {EgressError} `connect_timeout` or `wrong_peer`; else what the socket says (`ECONNREFUSED`, TLS errors), or the
 *   signal's reason when it aborts
 */
export async function connect(target: CheckedHost, options: ConnectOptions): Promise<Socket | TLSSocket> {
  const deadline = performance.now() + (options.timeoutMs ?? 10_000);
  const errors: unknown[] = [];
  for (const [index, address] of target.addresses.entries()) {
    options.signal?.throwIfAborted();
    const share = (deadline - performance.now()) / (target.addresses.length - index);
    if (share <= 0) break;
    try {
      return await connectOnce(target, address, options, share);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      errors.push(error);
    }
  }
  // A refusal says the most: somebody is there.
  throw errors.find(isRefusal) ?? errors[0] ?? timedOut(target, options);
}

async function connectOnce(
  target: CheckedHost,
  address: string,
  options: ConnectOptions,
  timeoutMs: number,
): Promise<Socket | TLSSocket> {
  const { port, tls, signal } = options;
  const timeout = AbortSignal.timeout(Math.ceil(timeoutMs));
  const ended = AbortSignal.any(signal ? [timeout, signal] : [timeout]);
  const reason = (): unknown => (signal?.aborted ? signal.reason : timedOut(target, options));

  const socket = connectTcp({ host: address, port, noDelay: true, keepAlive: true });
  await settled(socket, 'connect', ended, reason);
  checkPeer(socket, address);
  if (!tls) return socket;

  const { host } = target;
  // RFC 6066, 3: literal addresses are not permitted in SNI. Without one, the certificate is checked against `host`.
  const servername = tls.servername ?? (host.address === undefined ? host.name : '');
  const secure = connectTls({ ...tls, socket, servername, host: address, ALPNProtocols: ['http/1.1'] });
  await settled(secure, 'secureConnect', ended, reason);
  return secure;
}

/** Waits for the event; on an error or the end of the time the socket is destroyed. */
function settled(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  ended: AbortSignal,
  reason: () => unknown,
): Promise<void> {
  return new Promise((done, failed) => {
    const finish = (outcome: () => void): void => {
      ended.removeEventListener('abort', onAbort);
      socket.off('error', onError).off(event, onEvent);
      outcome();
    };
    const fail = (error: unknown): void =>
      finish(() => {
        // A destroyed socket may still have something to say, and nobody listens any more.
        socket.on('error', () => {}).destroy();
        failed(error);
      });
    const onAbort = (): void => fail(reason());
    const onError = (error: Error): void => fail(error);
    const onEvent = (): void => finish(done);
    socket.on('error', onError).on(event, onEvent);
    ended.addEventListener('abort', onAbort);
    if (ended.aborted) onAbort();
  });
}

/** The last look before a byte is sent: something between us and the network (a proxy, a hook) may have bent the way. */
function checkPeer(socket: Socket, address: string): void {
  const peer = parseAddress(socket.remoteAddress ?? '')?.toString();
  if (peer !== undefined && peer === parseAddress(address)?.toString()) return;
  socket.destroy();
  throw new EgressError(
    'wrong_peer',
    'The connection arrived at another address than the one that was checked.',
  );
}

function timedOut({ host }: CheckedHost, { port, timeoutMs = 10_000 }: ConnectOptions): EgressError {
  return new EgressError(
    'connect_timeout',
    `${quoted(host.name)} did not answer on port ${port} within ${timeoutMs} ms.`,
  );
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
}
