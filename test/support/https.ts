import { connect, type PeerCertificate } from 'node:tls';

/** Whom to expect at a port of 127.0.0.1. */
export interface Expected {
  readonly name: string;
  /** PEM */
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
