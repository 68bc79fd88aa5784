import { createLocalJWKSet, errors, type JWK, jwtVerify, type JSONWebKeySet } from 'jose';
import { isObject } from '../../core/json.ts';
import type { Found } from './discovery.ts';
import { failed, ok, type Step, warning } from './step.ts';

const KEYS = 'jwks';
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'];
const SMALLEST_RSA_BITS = 2048;

/** Can tokens be checked with what an authorization server publishes of its keys, and nothing be forged? */
export function checkKeys(found: Found): Step {
  if ('problem' in found)
    return failed(
      KEYS,
      `${found.url}: ${found.problem}`,
      'Check jwks_uri: tokens cannot be checked without keys.',
    );
  const keys = keysOf(found);
  if (keys.length === 0)
    return failed(KEYS, `${found.url} has no keys`, 'Give the authorization server a key to sign with.');
  // > … a secret key … MUST NOT be shown: whoever has it, signs tokens.
  const told = keys.find((key) => PRIVATE.some((part) => Object.hasOwn(key, part)));
  if (told)
    return failed(
      KEYS,
      `the private half of the key ${nameOf(told)} is published`,
      'Replace this key at once, and revoke every token.',
    );
  const weak = keys.find((key) => key.kty === 'RSA' && bitsOf(key) < SMALLEST_RSA_BITS);
  if (weak)
    return failed(
      KEYS,
      `the key ${nameOf(weak)} has ${bitsOf(weak)} bits`,
      'Use RSA with 2048 bits, or ES256.',
    );
  const nameless = keys.find(({ kid }) => kid === undefined);
  if (nameless)
    return warning(
      KEYS,
      'a key has no kid',
      'Give each key a kid: tokens are refused that do not say which key they are signed with.',
    );
  const list = keys.map((key) => `${nameOf(key)} (${key.alg ?? key.kty})`).join(', ');
  return ok(KEYS, `${keys.length === 1 ? '1 key' : `${keys.length} keys`}: ${list}`);
}

export function keysOf(found: Found): JWK[] {
  const keys = 'document' in found ? found.document['keys'] : undefined;
  // Whatever is in it is checked member by member.
  return Array.isArray(keys) ? keys.filter(isObject).map((key) => key as unknown as JWK) : [];
}

export interface Expected {
  readonly issuer: string;
  readonly audience: string | readonly string[];
}

/** Is a token what the keys and the metadata promise? */
export async function checkToken(
  token: string,
  keys: JSONWebKeySet,
  { issuer, audience }: Expected,
): Promise<Step> {
  const step = 'token';
  try {
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), {
      issuer,
      audience: typeof audience === 'string' ? audience : [...audience],
      algorithms: [
        'RS256',
        'RS384',
        'RS512',
        'PS256',
        'PS384',
        'PS512',
        'ES256',
        'ES384',
        'ES512',
        'EdDSA',
        'Ed25519',
      ],
      requiredClaims: ['sub', 'exp', 'iat'],
      clockTolerance: 30,
    });
    const seconds = (payload.exp ?? 0) - Math.floor(Date.now() / 1000);
    return ok(
      step,
      `signed with ${protectedHeader.alg} by ${protectedHeader.kid ?? 'a key without a name'}, for ${String(payload.aud)}, good for ${seconds} s`,
    );
  } catch (error) {
    const code = error instanceof errors.JOSEError ? error.code : 'it is no JWT';
    const claim = error instanceof errors.JWTClaimValidationFailed ? error.claim : undefined;
    if (claim === 'aud')
      return failed(
        step,
        'it is for somebody else: aud does not name this gateway',
        'Add an audience mapper at the authorization server, or write the audience that it uses into the issuer.',
      );
    if (claim === 'iss')
      return failed(
        step,
        'iss is not the issuer that the metadata names',
        'Write the issuer exactly as its tokens have it, with or without a slash at its end.',
      );
    return failed(
      step,
      `it cannot be verified: ${claim ?? ''}${claim === undefined ? '' : ', '}${code}`,
      'Check the keys at jwks_uri, and the clocks of both machines.',
    );
  }
}

function nameOf({ kid }: JWK): string {
  return typeof kid === 'string' ? kid.slice(0, 100) : 'without a name';
}

function bitsOf({ n }: JWK): number {
  return typeof n === 'string' ? Buffer.from(n, 'base64url').length * 8 : 0;
}
