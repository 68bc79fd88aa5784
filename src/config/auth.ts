import { z } from 'zod';
import { parseBlock } from './address-block.ts';
import { authServerSection, secretsOfAuthServer } from './auth-server.ts';
import { duration, reading } from './fields.ts';
import { parseServerUrl } from './web-names.ts';

/** Who may come in, and how they prove who they are. Undefined in the config: the tokens of this gateway alone. */
export type AuthConfig = z.output<typeof authSection>;
export type IssuerConfig = AuthConfig['issuers'][number];
export type IntrospectionConfig = NonNullable<AuthConfig['introspection']>;
export type ClaimNames = IssuerConfig['claims'];

/** Signatures that only the issuer can make. With HS256 and its like, whoever can check a token can also forge one. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** RFC 6749, section 3.3: what a scope may consist of. */
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/, 'This cannot be a scope.');
const url = z.string().transform(reading(parseServerUrl));
const words = z.array(z.string().min(1));
const oneOrMore = z.union([
  z
    .string()
    .min(1)
    .transform((text) => [text]),
  words.min(1),
]);

const claims = z
  .strictObject({
    user: z.string().min(1).default('preferred_username').describe('Where there is none, it is `sub`.'),
    email: z.string().min(1).default('email').describe('Not taken where `email_verified` says false.'),
    roles: words
      .default(['realm_access.roles', 'resource_access.*.roles', 'roles', 'groups'])
      .describe('All of them together.'),
  })
  .prefault({})
  .describe('Claims by their path. `*` stands for the client that the token was issued to.');

const allow = z
  .strictObject({
    domains: z.array(z.string().toLowerCase().min(1)).optional().describe('Of verified email addresses.'),
    roles: words.optional().describe('One of these.'),
    clients: words.optional().describe('OAuth clients, by `azp` or `client_id`.'),
  })
  .prefault({})
  .describe('Which of the tokens of this issuer are taken: those that one value of each list fits.');

const issuer = z
  .strictObject({
    issuer: url.describe('Exactly as `iss` has it.'),
    // > MCP servers MUST validate that access tokens were issued specifically for them as the intended audience
    // > (basic/authorization, "Token Handling"). There is no default: to guess would mean to take anybody's.
    audience: oneOrMore.describe('What `aud` has to contain: at least one of these.'),
    jwksUri: url.optional().describe('Where its keys are. Default: where its metadata says.'),
    algorithms: z.array(z.enum(ALGORITHMS)).min(1).default(['RS256', 'PS256', 'ES256', 'EdDSA']),
    clockSkew: duration('30s').describe('How far its clock may be off.'),
    scopes: z.array(scope).default([]).describe('What every token has to be for.'),
    claims,
    allow,
    allowPrivate: z.boolean().default(false).describe('Its name may lead to a private address.'),
  })
  .describe('An authorization server whose JWTs are taken.');

const introspection = z
  .strictObject({
    url: url.describe('The introspection endpoint (RFC 7662).'),
    clientId: z.string().min(1).describe('As whom to ask.'),
    clientSecret: z.string().min(1).describe('Its secret. Never shown.'),
    issuer: url.describe('The authorization server that clients are sent to.'),
    audience: oneOrMore
      .optional()
      .describe('What `aud` has to contain. Default: the answer is trusted as it is.'),
    scopes: z.array(scope).default([]).describe('What every token has to be for.'),
    cache: duration('30s').describe('How long an answer is believed, and so how late a revocation bites.'),
    claims,
    allow,
    allowPrivate: z.boolean().default(false).describe('Its name may lead to a private address.'),
  })
  .describe('An authorization server that is asked about tokens that are no JWT.');

export const authSection = z
  .strictObject({
    server: authServerSection
      .optional()
      .describe(
        'An authorization server of its own, for those who have none; `{}` is enough. Also issuer, scopes, accessTokens, refreshTokens, refreshGrace, registration, signing, rotateKeys, and login (issuer, clientId, clientSecret of another OpenID provider; domains, allowPrivate).',
      ),
    tokens: z
      .boolean()
      .default(true)
      .describe('Take the token of the home, and those of `sallyport token create`.'),
    issuers: z
      .array(issuer)
      .default([])
      .describe(
        'Authorization servers whose JWTs are taken, each with issuer and audience; also jwksUri, algorithms, clockSkew, scopes, claims (user, email, roles), allow (domains, roles, clients) and allowPrivate.',
      ),
    introspection: introspection
      .optional()
      .describe(
        'An authorization server that is asked about tokens that are no JWT: url, clientId, clientSecret, issuer; also audience, scopes, cache, claims, allow and allowPrivate.',
      ),
    basic: z
      .record(
        z.string().regex(/^[^:\p{Cc}]{1,100}$/u, 'This cannot be the name of a user.'),
        z.string().min(12),
      )
      .default({})
      .describe('Names and passwords (12 characters or more) of HTTP Basic authentication. Never shown.'),
    ipAllow: z
      .array(z.string().transform(reading(parseBlock)))
      .default([])
      .describe('The only addresses that get in, whatever they can prove. Default: all.')
      .meta({ examples: [['10.0.0.0/8', '2001:db8::/32']] }),
  })
  .check((ctx) => {
    const { issuers } = ctx.value;
    const twice = issuers.findIndex(({ issuer: name }, i) =>
      issuers.slice(0, i).some((other) => other.issuer === name),
    );
    if (twice === -1) return;
    const message = 'This issuer stands here twice.';
    ctx.issues.push({ code: 'custom', message, path: ['issuers', twice, 'issuer'], input: ctx.value });
  })
  .describe('Who is let in. Without it: whoever has a token of this gateway.');

/** Addresses of proxies whose word is taken for where a request comes from. */
export const trustedProxies = z
  .array(z.string().transform(reading(parseBlock)))
  .describe('Addresses of the proxies in front: only their X-Forwarded-For is believed. Default: nobody.')
  .meta({ examples: [['127.0.0.1', '10.0.0.0/8']] });

/** Secrets that stand in the section itself, against the advice. */
export function secretsOfAuth({ basic, introspection: asked, server }: AuthConfig): string[] {
  return [
    ...Object.values(basic),
    ...(asked ? [asked.clientSecret] : []),
    ...(server ? secretsOfAuthServer(server) : []),
  ];
}
