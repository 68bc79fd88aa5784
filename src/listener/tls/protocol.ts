import type { SecureContextOptions } from 'node:tls';
import type { TlsConfig } from '../../config/tls.ts';

/** Which versions are spoken. */
export type Protocol = Pick<TlsConfig, 'minVersion'>;

/**
 * What both sides may agree on: TLS 1.3 with all of its suites, and of TLS 1.2 only key exchanges that a stolen key does
 * not undo, with ciphers that notice a changed byte.
 *
 * > Implementations MUST NOT negotiate TLS version 1.1 (RFC 8996, section 5; RFC 9325, section 3.1.1)
 */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

export function secureOptions({ minVersion }: Protocol): SecureContextOptions {
  return { minVersion, maxVersion: 'TLSv1.3', ciphers: CIPHERS, honorCipherOrder: true };
}
