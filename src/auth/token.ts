import { hash, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../core/principal.ts';
import type { Check } from './verdict.ts';

/** Whoever comes where nobody has to prove anything: at an address that nobody else can reach, or on a pipe. */
export const ANYBODY: Principal = { id: 'anybody', via: 'none' };
/** Whoever has the one token that the gateway made for itself. */
export const OWNER: Principal = { id: 'token:default', via: 'token' };

/**
 * The one token of this gateway. What is compared is the hash, in constant time, so that neither the length nor a
 * common beginning of a wrong token can be measured.
 */
export function ownToken(token: string): Check {
  const expected = hash('sha256', token, 'buffer');
  return (presented) => {
    const isOurs = timingSafeEqual(hash('sha256', presented, 'buffer'), expected);
    return isOurs ? { principal: OWNER, until: Infinity } : undefined;
  };
}

/** Are two texts equal? Takes the same time wherever they differ; only their lengths can be told. */
export function isSame(a: string, b: string): boolean {
  if (a.length !== b.length || a === '') return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/** The token of `Authorization: Bearer <token>` (RFC 6750, 2.1); the scheme's case does not matter (RFC 9110, 11.1). */
export function bearer(authorization: string): string | undefined {
  if (authorization.length > 8192) return undefined;
  if (authorization.slice(0, 7).toLowerCase() !== 'bearer ') return undefined;
  const token = authorization.slice(7).trim();
  return token === '' ? undefined : token;
}
