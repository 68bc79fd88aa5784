/** Why a certificate cannot be used, in words for whoever runs the gateway. Nothing of a key is in them. */
export class CertificateError extends Error {
  override name = 'CertificateError';
}
