import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import type { IssuerConfig } from '../config/auth.ts';
import { type FetchJson, fetchJsonFor } from './fetch-json.ts';
import type { Issuer } from './jwt.ts';

/** How long keys are believed without another look, and how often somebody can make us look, in milliseconds. */
const KEYS_MS = 10 * 60_000;
const COOLDOWN_MS = 5000;
/** How long it is not asked again where an issuer's keys are, after it did not say so. */
const RETRY_MS = 5000;

/** An issuer of the configuration. Its keys are fetched when its first token comes. */
export function externalIssuer(config: IssuerConfig): Issuer {
  const { audience, allowPrivate, ...rest } = config;
  const ours = new Set(audience);
  return {
    ...rest,
    types: ['at+jwt', 'jwt', undefined],
    keys: keysOf(config, fetchJsonFor(config.jwksUri ?? config.issuer, allowPrivate)),
    // > The aud claim MUST … contain a value that identifies the resource server (RFC 9068, 4): the very text, since
    // to one issuer a slash at the end may mean somebody else.
    audience: (named) => (named.some((aud) => ours.has(aud)) ? 'all' : 'none'),
  };
}

/** The keys of an issuer: where the configuration says, else where its own metadata says. */
function keysOf({ issuer, jwksUri }: IssuerConfig, fetchJson: FetchJson): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | undefined;
  let failedAt = -Infinity;
  const find = async (): Promise<JWTVerifyGetKey> => {
    const uri = jwksUri ?? (await discover(issuer, fetchJson));
    return createRemoteJWKSet(new URL(uri), {
      cacheMaxAge: KEYS_MS,
      cooldownDuration: COOLDOWN_MS,
      [customFetch]: async (url) => Response.json(await fetchJson(url)),
    });
  };
  return async (header, token) => {
    if (!found && performance.now() - failedAt < RETRY_MS) throw new TypeError('its keys could not be found');
    found ??= find();
    const keys = await found.catch((error: unknown) => {
      found = undefined;
      failedAt = performance.now();
      throw error;
    });
    return keys(header, token);
  };
}

/** Asks for `jwks_uri`: OpenID Connect Discovery, then RFC 8414. */
async function discover(issuer: string, fetchJson: FetchJson): Promise<string> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/+$/, '');
  const places = [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
  for (const place of places) {
    // The second is asked only where the first does not know.
    const metadata = await fetchJson(place).catch(() => undefined);
    // > the issuer value returned MUST be identical to the authorization server's issuer identifier (RFC 8414, 3.3)
    if (metadata?.['issuer'] !== issuer) continue;
    const uri = metadata['jwks_uri'];
    if (typeof uri === 'string' && URL.canParse(uri)) return uri;
  }
  throw new TypeError(`${issuer} does not say where its keys are`);
}
