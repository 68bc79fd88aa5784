import { connect, type PeerCertificate } from 'node:tls';
import { fail, type Finding, ok, type OutsideCheck, skip, warn } from '../check.ts';
import { placeOf } from '../dial.ts';
import type { Site } from '../site.ts';

/** certbot renews with 30 days left; with fewer than these something does not work. */
const FEW_DAYS = 14;
const DAY_MS = 86_400_000;
const RENEW = 'sudo certbot renew --force-renewal && sudo systemctl reload nginx';

export const certificate: OutsideCheck = {
  name: 'certificate',
  side: 'outside',
  looksAt: 'the certificate, its chain, and the days it has left',
  needs: ['reachable'],
  symptoms: [
    {
      sees: 'certificate failed: CERT_HAS_EXPIRED',
      cause: 'The certificate was not renewed, or nginx was not told to read the new one.',
      remedy: RENEW,
    },
    {
      sees: 'certificate failed: UNABLE_TO_VERIFY_LEAF_SIGNATURE, only for some clients',
      cause: 'The server sends its own certificate without those between it and the root.',
      remedy: 'ssl_certificate has to name fullchain.pem, not cert.pem',
    },
    {
      sees: 'certificate failed: ERR_TLS_CERT_ALTNAME_INVALID',
      cause: 'The certificate is for another name.',
      remedy: 'sudo certbot certonly --webroot -w /var/www/acme -d HOST',
    },
  ],
  async look(site, signal, { now }) {
    if (site.endpoint.protocol !== 'https:') return skip('it is http');
    const { peer, problem } = await presented(site, signal);
    const left = Math.floor((Date.parse(peer.valid_to) - now()) / DAY_MS);
    const details = [`issued by ${one(peer.issuer?.O ?? peer.issuer?.CN)}, valid until ${peer.valid_to}`];
    if (problem !== undefined) return failure(problem, peer, site, details);
    const says = `valid for ${left} more days`;
    return left < FEW_DAYS ? warn(says, RENEW, { details }) : ok(says, details);
  },
};

function failure(problem: string, peer: PeerCertificate, { endpoint }: Site, details: string[]): Finding {
  const host = endpoint.hostname;
  switch (problem) {
    case 'CERT_HAS_EXPIRED':
      return fail(`it expired on ${peer.valid_to}`, RENEW, { details });
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return fail(
        `it is for ${peer.subjectaltname ?? 'nobody'}, not for ${host}`,
        `sudo certbot certonly --webroot -w /var/www/acme -d ${host}`,
        { details },
      );
    case 'CERT_NOT_YET_VALID':
      return fail(`it is valid only from ${peer.valid_from} on`, 'sudo timedatectl set-ntp true', {
        details,
      });
    default:
      return fail(
        `it is not believed (${problem})`,
        'ssl_certificate has to name fullchain.pem; for an authority of your own, clients need its certificate (here: --ca FILE)',
        { details },
      );
  }
}

function presented({ endpoint, dial, trust }: Site, signal: AbortSignal) {
  const place = placeOf(endpoint);
  return new Promise<{ peer: PeerCertificate; problem: string | undefined }>((resolve, reject) => {
    const socket = connect({
      ...(dial(place) ?? place),
      servername: place.host,
      ca: trust.ca,
      // Looked at, not trusted: nothing is sent on this connection.
      rejectUnauthorized: false,
    });
    const stop = (): void => void socket.destroy(new Error('no answer'));
    signal.addEventListener('abort', stop, { once: true });
    socket.on('error', reject);
    socket.on('secureConnect', () => {
      const wrong: unknown = socket.authorizationError;
      const problem = socket.authorized ? undefined : codeOf(wrong);
      resolve({ peer: socket.getPeerCertificate(true), problem });
      signal.removeEventListener('abort', stop);
      socket.destroy();
    });
  });
}

function codeOf(wrong: unknown): string {
  if (wrong instanceof Error) return 'code' in wrong ? String(wrong.code) : wrong.message;
  return typeof wrong === 'string' ? wrong : 'unknown';
}

function one(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? 'somebody';
}
