import type { ClaimNames, IssuerConfig } from '../config/auth.ts';
import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';

/** What is told apart in a token, whoever issued it. */
export interface Identity {
  readonly user: string;
  readonly email: string | undefined;
  readonly roles: readonly string[];
  readonly clientId: string | undefined;
  readonly scopes: readonly string[];
}

/** Roles of a person that are taken over at most: more would not fit into a header. */
const MOST_ROLES = 200;

/** Reads the claims of a token, or the answer of an introspection endpoint, whose words are the same (RFC 9068). */
export function identityOf(claims: JsonObject, names: ClaimNames): Identity {
  // `azp` of OpenID Connect, `client_id` of RFC 9068, `appid` of Entra's v1, `cid` of Okta.
  const clientId = ['azp', 'client_id', 'appid', 'cid'].map((name) => textAt(claims, name)).find(Boolean);
  const email = textAt(claims, names.email);
  const roles = names.roles.flatMap((path) => wordsAt(claims, path.replaceAll('*', WILD), clientId));
  return {
    user: textAt(claims, names.user) ?? textAt(claims, 'sub') ?? '',
    email: claims['email_verified'] === false ? undefined : email?.toLowerCase(),
    roles: [...new Set(roles)].slice(0, MOST_ROLES),
    clientId,
    scopes: scopesOf(claims),
  };
}

/** The principal that an identity is. The issuer is part of the id: everybody has a subject 1. */
export function principalOf(
  issuer: string,
  subject: string,
  via: Principal['via'],
  identity: Identity,
): Principal {
  return { id: `${issuer}#${subject}`, via, ...identity };
}

/** Why this identity is not let in, or undefined. */
export function notAllowed(
  { email, roles, clientId }: Identity,
  allow: IssuerConfig['allow'],
): string | undefined {
  const domain = email === undefined ? undefined : email.slice(email.lastIndexOf('@') + 1);
  if (allow.domains && !(domain !== undefined && allow.domains.includes(domain)))
    return 'its email address is of no allowed domain';
  if (allow.roles && !allow.roles.some((role) => roles.includes(role))) return 'it has no allowed role';
  if (allow.clients && !(clientId !== undefined && allow.clients.includes(clientId)))
    return 'it was issued to no allowed client';
  return undefined;
}

/** Which of these scopes are missing. */
export function missingScopes(scopes: readonly string[], needed: readonly string[]): string[] {
  return needed.filter((scope) => !scopes.includes(scope));
}

/** `scope` is text with blanks (RFC 8693), `scp` is that or a list (Entra, Okta). */
function scopesOf({ scope, scp }: JsonObject): string[] {
  const all = [scope, scp].flatMap((value) => (Array.isArray(value) ? value : [value]));
  return all.flatMap((value) => (typeof value === 'string' ? value.split(' ').filter(Boolean) : []));
}

/** Stands in a path for the client's id, which may have dots of its own. */
const WILD = '\u0000';

function wordsAt(claims: JsonObject, path: string, clientId: string | undefined): string[] {
  const value = at(claims, path, clientId);
  const words = Array.isArray(value) ? value : [value];
  return words.filter((word): word is string => typeof word === 'string' && word !== '');
}

function textAt(claims: JsonObject, path: string): string | undefined {
  const value = at(claims, path, undefined);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A claim by its whole name, which may have dots (`https://example.com/roles`), or by a path with dots. */
function at(claims: JsonObject, path: string, clientId: string | undefined): JsonValue | undefined {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: JsonValue | undefined = claims;
  for (const part of path.split('.')) {
    const name = part === WILD ? clientId : part;
    if (name === undefined || !isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}
