import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Audience, Issuer } from './jwt.ts';

/** As much of the authorization server within as a resource server looks at: its name, its public keys, its word. */
export interface AuthorizationServer {
  readonly issuer: string;
  jwks(): JSONWebKeySet | Promise<JSONWebKeySet>;
  /** Was the token of this id revoked, or the grant behind it? */
  isRevoked(jti: string): boolean;
}

/** The scope of every token that may be used here. */
const SCOPES: readonly string[] = ['mcp.access'];
/** An endpoint, and in the brackets the server that it is for. */
const ENDPOINT = /^(?:\/(?:mcp|sse)|\/servers\/(?!\.+\/)([\w.-]{1,64})\/(?:mcp|sse))?$/;

/**
 * The authorization server within, as an issuer. It writes `at+jwt` into its tokens, so nothing else is taken from it:
 * no ID token of its own can be mistaken for one.
 * @param base the gateway as its clients know it, without a slash at the end; on loopback under each of its names
 */
export function ownIssuer(server: AuthorizationServer, base: () => string): Issuer {
  return {
    issuer: server.issuer,
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    clockSkew: 5000,
    scopes: [...SCOPES],
    claims: { user: 'preferred_username', email: 'email', roles: ['roles'] },
    allow: {},
    types: ['at+jwt'],
    keys: keysOf(server),
    audience: (named) => audienceOf(named, base()),
    isRevoked: (jti) => server.isRevoked(jti),
  };
}

/** The server changes its keys now and then; what it publishes is read again when it is another object. */
function keysOf(server: AuthorizationServer): JWTVerifyGetKey {
  let read: JSONWebKeySet | undefined;
  let keys: JWTVerifyGetKey | undefined;
  return async (header, token) => {
    const published = await server.jwks();
    if (published !== read || !keys) {
      read = published;
      keys = createLocalJWKSet(published);
    }
    return keys(header, token);
  };
}

/** A token for one server's endpoint opens that one; for anything else of ours, all of them. */
function audienceOf(named: readonly string[], base: string): Audience {
  const ours = loopbackAsOne(base);
  for (const aud of named) {
    const resource = loopbackAsOne(aud);
    const match = resource.startsWith(ours) ? ENDPOINT.exec(resource.slice(ours.length)) : null;
    if (match) return match[1] === undefined ? 'all' : { only: match[1] };
  }
  return 'none';
}

/** The names by which a machine calls itself are one. */
function loopbackAsOne(url: string): string {
  return url.replace(/^http:\/\/(?:127\.0\.0\.1|\[::1\])(?=[:/]|$)/, 'http://localhost');
}
