import { hash, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../core/principal.ts';

/** Finds out who calls from the Authorization header. Undefined: nobody we know. */
export type Authenticate = (authorization: string | undefined) => Principal | undefined;

/** Nobody has to prove anything. Only for an address that nobody else can reach; the CLI sees to that. */
export const openDoor: Authenticate = () => ANYBODY;
const ANYBODY: Principal = { id: 'anybody', via: 'none' };

/**
 * The one token of this gateway. What is compared is the hash, in constant time, so that neither the length nor a
 * common beginning of a wrong token can be measured; the token itself is not kept.
 */
export function tokenDoor(token: string): Authenticate {
  const expected = hash('sha256', token, 'buffer');
  const owner: Principal = { id: 'token:default', via: 'token' };
  return (authorization) => {
    const presented = bearer(authorization);
    if (presented === undefined) return undefined;
    return timingSafeEqual(hash('sha256', presented, 'buffer'), expected) ? owner : undefined;
  };
}

/** The token of `Authorization: Bearer <token>` (RFC 6750, 2.1); the scheme's case does not matter (RFC 9110, 11.1). */
function bearer(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > 8192) return undefined;
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
