import type { JsonObject } from '../../core/json.ts';

/** The grants that a client may register for by itself. */
const GRANTS = ['authorization_code', 'refresh_token'];
const AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post'];
/** Schemes that would run something, or read a file, where the user is sent to. */
const NO_APP = /^(?:javascript|vbscript|data|blob|file|about|ftp|wss?|view-source|chrome|mailto|intent):/i;
const LOOPBACK = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?=[:/?]|$)/i;
const MOST_REDIRECTS = 20;

/** What a client says of itself cannot be taken. */
export class MetadataError extends Error {
  readonly code: 'invalid_redirect_uri' | 'invalid_client_metadata';

  constructor(code: MetadataError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * What a client says of itself (RFC 7591, or its document), as far as it is about what we offer. Clients register with
 * whatever they could do anywhere, and RFC 7591 lets us take less:
 * > The authorization server MAY reject or replace any of a client's requested metadata values … and substitute them
 * > with suitable values. (2.)
 * @param isDocument a client that is known by its document has no secret
 * @throws {MetadataError} where a redirect could lead a code astray
 */
export function clientMetadata(given: JsonObject, isDocument: boolean): JsonObject {
  const redirects = redirectUris(given['redirect_uris']);
  const asked = words(given['grant_types']) ?? GRANTS;
  const method = authMethod(given, isDocument);
  const name = given['client_name'];
  return {
    ...pick(given, ['client_id', 'client_uri', 'logo_uri', 'policy_uri', 'tos_uri', 'jwks', 'jwks_uri']),
    ...(typeof name === 'string' && name.trim() !== '' && { client_name: name.trim().slice(0, 100) }),
    redirect_uris: redirects,
    // Of a native application, the port of a loopback redirect does not count (RFC 8252, 7.3).
    application_type: redirects.every((uri) => /^https:/i.test(uri)) ? 'web' : 'native',
    // Without one, a client would have to ask its user anew every hour.
    grant_types: [...new Set([...asked.filter((grant) => GRANTS.includes(grant)), ...GRANTS])],
    response_types: ['code'],
    token_endpoint_auth_method: method,
  };
}

/** Does this address lead to a program on the machine of the user, and not to a site? */
export function isLoopback(uri: string): boolean {
  return LOOPBACK.test(uri);
}

function redirectUris(given: unknown): string[] {
  const uris = words(given) ?? [];
  if (uris.length === 0) throw new MetadataError('invalid_redirect_uri', 'redirect_uris is missing');
  if (uris.length > MOST_REDIRECTS)
    throw new MetadataError('invalid_redirect_uri', `redirect_uris has more than ${MOST_REDIRECTS} entries`);
  const wrong = uris.find((uri) => !isRedirect(uri));
  if (wrong !== undefined)
    throw new MetadataError(
      'invalid_redirect_uri',
      'a redirect URI is https, http on loopback, or of an application, without fragment, user or wildcard',
    );
  return uris;
}

/** > All redirect URIs MUST be either `localhost` or use HTTPS (basic/authorization). Applications have schemes of their own. */
function isRedirect(uri: string): boolean {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (uri.length > 2000 || /[\s\\*#\u0000-\u0020\u007f]/.test(uri) || !URL.canParse(uri)) return false;
  const { protocol, hostname, username, password } = new URL(uri);
  if (username !== '' || password !== '') return false;
  if (protocol === 'https:') return hostname !== '';
  if (protocol === 'http:') return isLoopback(uri);
  return !NO_APP.test(uri);
}

/** A client that can do without a secret does without: ChatGPT's document lists what it could do. */
function authMethod(given: JsonObject, isDocument: boolean): string {
  const { token_endpoint_auth_method: one, token_endpoint_auth_methods_supported: several } = given;
  if (isDocument) return one === 'private_key_jwt' && !words(several)?.includes('none') ? one : 'none';
  if (typeof one === 'string' && AUTH_METHODS.includes(one)) return one;
  // > If unspecified or omitted, the default is "client_secret_basic" (RFC 7591, 2.)
  return one === undefined ? 'client_secret_basic' : 'none';
}

function words(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : undefined;
}

function pick(given: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      return value === undefined || value === null || value === '' ? [] : [[name, value]];
    }),
  );
}
