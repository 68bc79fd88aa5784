import { connect, type SecureVersion } from 'node:tls';
import { fail, ok, type OutsideCheck, skip, warn } from '../check.ts';
import { placeOf } from '../dial.ts';
import type { Site } from '../site.ts';

export const tlsVersions: OutsideCheck = {
  name: 'tls-versions',
  side: 'outside',
  looksAt: 'the versions of TLS',
  needs: ['certificate'],
  symptoms: [
    {
      sees: 'a scanner reports TLS 1.0 or 1.1; or clients fail with "protocol version"',
      cause: 'ssl_protocols is not TLSv1.2 and TLSv1.3.',
      remedy: 'ssl_protocols TLSv1.2 TLSv1.3;   as `sallyport deploy nginx` writes it',
    },
  ],
  async look(site, signal) {
    if (site.endpoint.protocol !== 'https:') return skip('it is http');
    const versions: SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
    const taken = await Promise.all(versions.map((version) => speaks(site, version, signal)));
    const spoken = versions.filter((_, index) => taken[index]);
    const old = spoken.filter((version) => version === 'TLSv1' || version === 'TLSv1.1');
    const fix = 'ssl_protocols TLSv1.2 TLSv1.3;';
    if (old.length > 0) return fail(`it speaks ${old.join(' and ')} as well`, fix);
    return spoken.includes('TLSv1.3') ? ok(spoken.join(', ')) : warn('it does not speak TLSv1.3', fix);
  },
};

function speaks({ endpoint, dial }: Site, version: SecureVersion, signal: AbortSignal): Promise<boolean> {
  const place = placeOf(endpoint);
  return new Promise((resolve) => {
    const socket = connect({
      ...(dial(place) ?? place),
      servername: place.host,
      minVersion: version,
      maxVersion: version,
      // OpenSSL would not even ask for the old ones otherwise.
      ciphers: 'DEFAULT@SECLEVEL=0',
      // Only whether a handshake comes about is looked at.
      rejectUnauthorized: false,
    });
    const say = (is: boolean) => (): void => {
      signal.removeEventListener('abort', no);
      socket.destroy();
      resolve(is);
    };
    const no = say(false);
    signal.addEventListener('abort', no, { once: true });
    socket.on('secureConnect', say(true));
    socket.on('error', no);
  });
}
