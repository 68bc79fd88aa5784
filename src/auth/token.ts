import { hash, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../core/principal.ts';

/** Finds out who calls from the Authorization header. Undefined: nobody we know. */
export type Authenticate = (authorization: string | undefined) => Principal | undefined;

/** Nobody has to prove anything. Only for an address that nobody else can reach; the CLI sees to that. */
export const openDoor: Authenticate = () => ANYBODY;
const ANYBODY: Principal = { id: 'anybody', via: 'none' };

/**
 * The one token of this gateway. What is compared is the hash, in constant time, so that neither the length nor a
 * common beginning of a wrong token can be measured.
 *
 * Hashing is a twentieth of what a call costs, and nearly every call comes with the header that was right before. So
 * that header is remembered, and looked at first, in constant time as well.
 */
export function tokenDoor(token: string): Authenticate {
  const expected = hash('sha256', token, 'buffer');
  const owner: Principal = { id: 'token:default', via: 'token' };
  let accepted = '';
  return (authorization) => {
    if (authorization === undefined) return undefined;
    if (isSame(authorization, accepted)) return owner;
    const presented = bearer(authorization);
    if (presented === undefined) return undefined;
    if (!timingSafeEqual(hash('sha256', presented, 'buffer'), expected)) return undefined;
    accepted = authorization;
    return owner;
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

/**
 * The challenge that goes with a 401:
 *
 * > If the request lacks any authentication information … the resource server SHOULD NOT include an error code
 * > (RFC 6750, 3.1)
 */
export function challenge(authorization: string | undefined): string {
  const realm = 'Bearer realm="sallyport"';
  return authorization === undefined ? realm : `${realm}, error="invalid_token"`;
}
