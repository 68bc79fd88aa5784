/** What the tests of this folder share: certificates, made by the library that orders them. */
import acme from 'acme-client';

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** A certificate that signs itself, by the one function that makes some; it is over as soon as it is made. */
export async function selfSigned(name: string, token = 'token.thumbprint'): Promise<Pair> {
  const authorization = {
    url: '',
    status: 'pending' as const,
    identifier: { type: 'dns', value: name },
    challenges: [],
  };
  const own = await acme.crypto.createPrivateEcdsaKey('P-256');
  const [key, cert] = await acme.crypto.createAlpnCertificate(authorization, token, own);
  return { cert: cert.toString('utf8'), key: key.toString('utf8') };
}
