import { request } from 'node:https';
import { connect, type PeerCertificate } from 'node:tls';
import { Agent, fetch as undiciFetch } from 'undici';

/** Whom to expect at a port of 127.0.0.1. */
export interface Expected {
  readonly name: string;
  /** PEM: what the certificate is checked with. */
  readonly ca: string;
}

/**
 * The certificate that is shown to somebody who asks for this name.
 * @throws when it is not one for the name, or not by this authority
 */
export function peerOf(port: number, { name, ca }: Expected): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: name, ca }, () => {
      const peer = socket.getPeerCertificate();
      socket.destroy();
      resolve(peer);
    });
    socket.on('error', reject);
  });
}

export interface SecureAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** One GET, on a connection of its own, by somebody who checks the certificate. */
export function getSecure(port: number, path: string, { name, ca }: Expected): Promise<SecureAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { host: `${name}:${port}` };
    const options = { host: '127.0.0.1', port, path, headers, servername: name, ca, agent: false };
    request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
      response.on('error', reject);
    })
      .on('error', reject)
      .end();
  });
}

/** A `fetch` for which every name is at 127.0.0.1, and every certificate is by this authority. */
export function fetchLocally(ca: string): typeof fetch {
  const dispatcher = new Agent({
    connect: {
      ca,
      lookup: (_name, options, done) => {
        const found = { address: '127.0.0.1', family: 4 };
        if (options.all) done(null, [found]);
        else done(null, found.address, found.family);
      },
    },
  });
  // The two fetches are one by their shape; their types come from two packages.
  return ((url: string, init: object) =>
    undiciFetch(url, { ...init, dispatcher })) as unknown as typeof fetch;
}
