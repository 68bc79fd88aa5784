import { randomBytes } from 'node:crypto';
import { importJWK, type JWK, SignJWT } from 'jose';
import { TEST_SCOPE, TEST_TOKEN_SECONDS, type TestToken } from '../../core/own-authorization.ts';
import type { Records } from '../../store/records.ts';
import { HELLO } from './hello.ts';

/** As whom somebody comes with such a token: no user can be called so. */
const CLIENT = 'client_sallyport-test';

/** What a test token is for: not an endpoint, so that nothing can be called with it. */
export function testAudience(base: string): string {
  return `${base}${HELLO}`;
}

/**
 * Makes a token that opens `GET /hello` for a moment. It is signed and kept as any other, so that it can be checked,
 * introspected and revoked as any other.
 * @param key the one that signs
 */
export async function makeTestToken(
  records: Records,
  key: JWK,
  { issuer, base, seconds }: { readonly issuer: string; readonly base: string; readonly seconds: number },
): Promise<TestToken> {
  const jti = randomBytes(24).toString('base64url');
  const audience = testAudience(base);
  const iat = Math.floor(Date.now() / 1000);
  const exp = iat + Math.min(Math.max(1, Math.round(seconds)), TEST_TOKEN_SECONDS);
  const { alg = '', kid = '' } = key;
  const token = await new SignJWT({ client_id: CLIENT, scope: TEST_SCOPE, jti })
    .setProtectedHeader({ alg, kid, typ: 'at+jwt' })
    .setIssuer(issuer)
    .setSubject(CLIENT)
    .setAudience(audience)
    .setIssuedAt(iat)
    .setExpirationTime(exp)
    .sign(await importJWK(key, alg));
  const kept = { clientId: CLIENT, aud: audience, scope: TEST_SCOPE, kind: 'ClientCredentials' };
  records.put('ClientCredentials', jti, { ...kept, jti, iat, exp }, exp * 1000);
  return { token, audience, scope: TEST_SCOPE, expiresAt: exp * 1000 };
}
