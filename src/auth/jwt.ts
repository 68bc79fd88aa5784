import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import type { IssuerConfig } from '../config/auth.ts';
import type { JsonObject } from '../core/json.ts';
import { identityOf, missingScopes, notAllowed, principalOf } from './claims.ts';
import { type Check, type Refused, refused, type Verdict } from './verdict.ts';

/** An issuer whose tokens are taken: what the configuration says of it, and its keys. */
export interface Issuer extends Omit<IssuerConfig, 'issuer' | 'audience' | 'jwksUri' | 'allowPrivate'> {
  readonly issuer: string;
  readonly keys: JWTVerifyGetKey;
  /** Media types that `typ` may have, in lower case and without `application/`; undefined may be missing. */
  readonly types: readonly (string | undefined)[];
  /** Which of our endpoints a token of this audience is for. */
  audience(aud: readonly string[]): Audience;
  /** Was the token of this id revoked? */
  isRevoked?(jti: string): boolean;
}

/** Every endpoint, the one of a single server, or none. */
export type Audience =
  | 'all'
  | 'none'
  | {
      readonly only: string;
      /** What such a token has to be for, instead of what all have to. */
      readonly scopes?: readonly string[];
    };

interface Header {
  readonly alg?: unknown;
  readonly typ?: unknown;
  readonly kid?: unknown;
  readonly [name: string]: unknown;
}

/** Longer tokens are not looked at. */
const MOST_CHARACTERS = 16_384;

/** A token as it was read, before anything in it is believed. */
interface Read {
  readonly header: Header;
  readonly claims: JWTPayload;
  readonly issuer: Issuer;
}

/**
 * What has to be true of a token besides its signature, one by one. Names a check for the log; the client hears
 * `invalid_token` in any case.
 */
const CHECKS: readonly (readonly [why: string, isRight: (token: Read) => boolean])[] = [
  // Before a key is looked for. A token that brings its own key, or says where it is, is nobody's.
  ['alg is not allowed', ({ header, issuer }) => issuer.algorithms.some((alg) => alg === header.alg)],
  ['kid is missing', ({ header }) => typeof header.kid === 'string' && header.kid !== ''],
  ['it brings its own key', ({ header }) => !BRINGS_KEY.some((name) => Object.hasOwn(header, name))],
  // > If any of the listed extension Header Parameters are not understood … then the JWS is invalid (RFC 7515, 4.1.11)
  ['crit is not understood', ({ header }) => !Object.hasOwn(header, 'crit')],
  ['b64 is not understood', ({ header }) => !Object.hasOwn(header, 'b64')],
  [
    'it is a token within a token',
    ({ header }) => !Object.hasOwn(header, 'cty') && !Object.hasOwn(header, 'enc'),
  ],
  ['typ is not that of an access token', ({ header, issuer }) => issuer.types.includes(typeOf(header))],
  // > the resource server MUST validate that … the typ header is "at+jwt" (RFC 9068, 4). Many issuers do not write it;
  // then an ID token is known by what only ID tokens have.
  ['it is an ID token or another kind', ({ claims }) => !isOtherKind(claims)],
  ['sub is missing', ({ claims }) => typeof claims.sub === 'string' && claims.sub !== ''],
  ['exp is missing', ({ claims }) => typeof claims.exp === 'number'],
  ['aud is missing', ({ claims }) => audiencesOf(claims).length > 0],
  ['aud is not this gateway', ({ claims, issuer }) => issuer.audience(audiencesOf(claims)) !== 'none'],
  [
    'it was issued in the future',
    ({ claims, issuer }) => (claims.iat ?? 0) * 1000 <= Date.now() + issuer.clockSkew,
  ],
  [
    'it was revoked',
    ({ claims, issuer }) => claims.jti === undefined || issuer.isRevoked?.(claims.jti) !== true,
  ],
];

const BRINGS_KEY = ['jwk', 'jku', 'x5u', 'x5c', 'x5t', 'x5t#S256'];

/** Takes JWTs of these issuers. Anything that is not a JWT is left to others. */
export function jwtCheck(issuers: readonly Issuer[]): Check {
  const byName = new Map(issuers.map((issuer) => [issuer.issuer, issuer]));
  return async (token) => {
    const read = readToken(token);
    if (!read) return undefined;
    // > The issuer … MUST exactly match (RFC 9068, 4). It also chooses the keys: a `kid` means nothing between issuers.
    const issuer = typeof read.claims.iss === 'string' ? byName.get(read.claims.iss) : undefined;
    if (!issuer) return refused('no such issuer');
    return verify(token, { ...read, issuer });
  };
}

/** Three parts with a dot between them, the first two of them JSON objects. */
function readToken(token: string): Omit<Read, 'issuer'> | undefined {
  if (token.length > MOST_CHARACTERS || !/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) return undefined;
  try {
    return { header: decodeProtectedHeader(token), claims: decodeJwt(token) };
  } catch {
    return undefined;
  }
}

async function verify(token: string, read: Read): Promise<Verdict> {
  const { issuer } = read;
  const wrong = CHECKS.find(([, isRight]) => !isRight(read));
  if (wrong) return refused(wrong[0]);
  const forged = await signature(token, issuer);
  if (forged) return forged;
  // What was read before is what was signed: the same bytes.
  const { sub = '', exp = 0, jti } = read.claims;
  const identity = identityOf(read.claims as JsonObject, issuer.claims);
  const unwanted = notAllowed(identity, issuer.allow);
  if (unwanted !== undefined) return refused(unwanted);
  const audience = issuer.audience(audiencesOf(read.claims));
  const scopes = (typeof audience === 'object' ? audience.scopes : undefined) ?? issuer.scopes;
  if (missingScopes(identity.scopes, scopes).length > 0)
    return { refused: 'insufficient_scope', why: 'a scope is missing', scopes };
  return {
    principal: principalOf(issuer.issuer, sub, 'jwt', identity),
    until: exp * 1000 + issuer.clockSkew,
    ...(typeof audience === 'object' && { only: audience.only }),
    ...(jti !== undefined && issuer.isRevoked && { stands: () => issuer.isRevoked?.(jti) !== true }),
  };
}

/** The signature, and once more what jose knows to check. */
async function signature(
  token: string,
  { keys, issuer, algorithms, clockSkew }: Issuer,
): Promise<Refused | undefined> {
  try {
    await jwtVerify(token, keys, {
      algorithms: [...algorithms],
      issuer,
      clockTolerance: clockSkew / 1000,
      requiredClaims: ['sub', 'exp', 'aud'],
    });
    return undefined;
  } catch (error) {
    // The code of jose, such as ERR_JWT_EXPIRED, says nothing of what is in the token.
    return refused(error instanceof errors.JOSEError ? error.code : 'the keys of its issuer cannot be had');
  }
}

function typeOf({ typ }: Header): string | undefined {
  if (typ === undefined) return undefined;
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '';
}

/** Claims that only other tokens of the same issuer have: ID, refresh and logout tokens, security events. */
function isOtherKind(claims: JWTPayload): boolean {
  const { typ, token_use: use } = claims;
  // Keycloak writes into `typ` of the claims what it is: Bearer, ID, Refresh, Offline, Logout.
  if (typ !== undefined && typ !== 'Bearer') return true;
  // Cognito's word for the same.
  if (use !== undefined && use !== 'access') return true;
  return ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'].some((name) => Object.hasOwn(claims, name));
}

function audiencesOf({ aud }: JWTPayload): string[] {
  const all: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return all.filter((each): each is string => typeof each === 'string' && each !== '');
}
