import type { IntrospectionConfig } from '../config/auth.ts';
import type { JsonObject } from '../core/json.ts';
import { identityOf, missingScopes, notAllowed, principalOf } from './claims.ts';
import { fetchJsonFor } from './fetch-json.ts';
import { type Check, refused, type Verdict } from './verdict.ts';

/** Longer tokens are not asked about. */
const MOST_CHARACTERS = 4096;

/** Asks the authorization server about tokens that say nothing by themselves (RFC 7662). */
export function introspectionCheck(config: IntrospectionConfig): Check {
  const { clientId, clientSecret } = config;
  const fetchJson = fetchJsonFor(config.url, config.allowPrivate);
  const basic = Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64');
  return async (token) => {
    if (token.length > MOST_CHARACTERS) return undefined;
    const body = new URLSearchParams({ token, token_type_hint: 'access_token' });
    try {
      return judge(
        await fetchJson(config.url, { body, headers: { authorization: `Basic ${basic}` } }),
        config,
      );
    } catch {
      return refused('the introspection endpoint does not answer');
    }
  };
}

function judge(answer: JsonObject, config: IntrospectionConfig): Verdict {
  // > active: REQUIRED. Boolean indicator of whether or not the presented token is currently active (RFC 7662, 2.2)
  if (answer['active'] !== true) return refused('it is not active');
  const { sub, exp, aud, iss, token_type: type } = answer;
  if (typeof type === 'string' && !/^(?:bearer|access_token)$/i.test(type))
    return refused('it is of another type');
  if (typeof iss === 'string' && iss !== config.issuer) return refused('it is of another issuer');
  const until = typeof exp === 'number' ? exp * 1000 : Infinity;
  if (until <= Date.now()) return refused('it has expired');
  const named = Array.isArray(aud) ? aud : [aud];
  if (config.audience && !config.audience.some((ours) => named.includes(ours)))
    return refused('aud is not this gateway');
  const identity = identityOf(answer, config.claims);
  // A client that speaks for itself has no subject with some servers.
  const subject = typeof sub === 'string' && sub !== '' ? sub : identity.clientId;
  if (subject === undefined) return refused('sub is missing');
  const unwanted = notAllowed(identity, config.allow);
  if (unwanted !== undefined) return refused(unwanted);
  if (missingScopes(identity.scopes, config.scopes).length > 0)
    return { refused: 'insufficient_scope', why: 'a scope is missing', scopes: config.scopes };
  return {
    principal: principalOf(config.issuer, subject, 'introspection', identity),
    until: Math.min(until, Date.now() + config.cache),
  };
}

/** > encoded using the "application/x-www-form-urlencoded" encoding algorithm (RFC 6749, 2.3.1) */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
