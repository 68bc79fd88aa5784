import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const OPENSSL = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'.split(' ');

export interface Certified {
  readonly cert: string;
  readonly key: string;
  /** PEM: the certificate, which signed itself. */
  readonly ca: string;
}

/** Makes the files of a certificate: `FILE.pem`, and its key, for the owner only, in `FILE-key.pem`. */
export function certify(
  folder: string,
  { file = 'cert', names = ['mcp.test'], days = 90 }: { file?: string; names?: string[]; days?: number } = {},
): Certified {
  const [cert, key] = [join(folder, `${file}.pem`), join(folder, `${file}-key.pem`)];
  const subject = ['-days', String(days), '-subj', `/CN=${names[0] ?? ''}`, '-addext'];
  const alternatives = `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`;
  execFileSync('openssl', [...OPENSSL, ...subject, alternatives, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  chmodSync(key, 0o600);
  return { cert, key, ca: readFileSync(cert, 'utf8') };
}
