import { z } from 'zod';
import { duration, reading } from './fields.ts';
import { parseDuration } from './units.ts';
import { parseServerUrl } from './web-names.ts';

/** The authorization server within the gateway, or alone. */
export type AuthServerConfig = z.output<typeof authServerSection>;

const url = z.string().transform(reading(parseServerUrl));
/** RFC 6749, section 3.3: what a scope may consist of. */
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/, 'This cannot be a scope.');

const login = z
  .strictObject({
    issuer: url.describe('An OpenID provider, exactly as its `iss` has it.'),
    clientId: z.string().min(1).describe('As whom this server is registered there.'),
    clientSecret: z.string().min(1).describe('Its secret. Never shown.'),
    domains: z
      .array(z.string().toLowerCase().min(1))
      .optional()
      .describe('Of verified email addresses: who else is known there is not let in.'),
    allowPrivate: z.boolean().default(false).describe('Its name may lead to a private address.'),
  })
  .describe('Lets another OpenID provider say who somebody is, so that no password lives here.');

export const authServerSection = z
  .strictObject({
    issuer: url
      .optional()
      .describe('Its address. Default: `publicUrl`, else the address that is listened on.'),
    scopes: z.array(scope).default([]).describe('What may be asked for besides `mcp.access`.'),
    accessTokens: duration('1h').describe('How long an access token of a person lives.'),
    refreshTokens: duration('21d').describe('How long nobody has to log in again, from the last use on.'),
    refreshGrace: z
      .union([z.number(), z.string()])
      .transform(reading(parseDuration))
      .optional()
      .describe(
        'How long a used refresh token still counts, for clients of which several share a login: 60s. Default: not at all.',
      ),
    registration: z
      .boolean()
      .default(true)
      .describe('Clients may register themselves. Each is shown to the person before it gets anything.'),
    signing: z.enum(['ES256', 'RS256']).default('ES256').describe('How tokens are signed.'),
    rotateKeys: duration('14d').describe('How long a key signs.'),
    login: login
      .optional()
      .describe(
        'Log in at another OpenID provider instead of with a password: issuer, clientId, clientSecret; also domains and allowPrivate.',
      ),
  })
  .describe('An authorization server of its own, for those who have none: `{}` is enough.');

/** Secrets that stand in the section itself, against the advice. */
export function secretsOfAuthServer({ login: upstream }: AuthServerConfig): string[] {
  return upstream ? [upstream.clientSecret] : [];
}
