import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { CertificateError } from './certificate-error.ts';
import { type Protocol, secureOptions } from './protocol.ts';

/** A certificate that can be shown, with its key. */
export interface Certificate {
  /** Of DNS, as they stand in it: a wildcard is one of them. Never empty where it is for a name at all. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly cert: string;
  readonly key: string;
  readonly context: SecureContext;
  /** Is it for this name? */
  covers(name: string): boolean;
}

/**
 * Reads a certificate and its key, and holds the one against the other.
 * @param cert the certificate itself, and after it those between it and the root, in PEM
 * @throws {CertificateError}
 */
export function readCertificate(cert: string, key: string, protocol: Protocol): Certificate {
  const leaf = parse('There is no certificate in it (PEM).', () => new X509Certificate(cert));
  const secret = privateKey(key);
  if (!leaf.checkPrivateKey(secret))
    throw new CertificateError('The key is not that of the certificate: each renewal makes two new files.');
  const context = parse('OpenSSL does not take this certificate, or one after it in the same file.', () =>
    createSecureContext({ ...secureOptions(protocol), cert, key }),
  );
  return {
    names: [...(leaf.subjectAltName ?? '').matchAll(/(?:^|, )DNS:([^,"]+)/g)].map(([, name]) => name ?? ''),
    notBefore: leaf.validFromDate.getTime(),
    notAfter: leaf.validToDate.getTime(),
    cert,
    key,
    context,
    covers: (name) => leaf.checkHost(name) !== undefined,
  };
}

function privateKey(pem: string): KeyObject {
  if (pem.includes('ENCRYPTED'))
    throw new CertificateError('The key is encrypted, and there is nobody to type its passphrase.');
  return parse('There is no private key in it (PEM).', () => createPrivateKey(pem));
}

function parse<T>(problem: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CertificateError(problem, { cause: error });
  }
}
