import type { Configuration, JWK, KoaContextWithOIDC } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { AuthServerConfig } from '../../config/auth-server.ts';
import type { Records } from '../../store/records.ts';
import { RecordsAdapter } from './adapter.ts';
import { errorPage } from './error-page.ts';
import { targetOf, withoutSlash } from './resource.ts';
import type { Users } from './users.ts';

/** What every token is for, unless it was asked for less. */
export const DEFAULT_SCOPE = 'mcp.access';
/** Seconds that a token of a machine lives. */
const MACHINE_TOKEN_S = 1800;
const CODE_S = 60;
const INTERACTION_S = 1800;
const SESSION_S = 14 * 24 * 3600;

export interface Setting {
  readonly issuer: string;
  /** The gateways whose tokens are issued here, by their address; the first one where nobody says which. */
  readonly resources: readonly [string, ...string[]];
  readonly config: AuthServerConfig;
  readonly records: Records;
  readonly users: Users;
  readonly keys: readonly JWK[];
  readonly cookieKeys: readonly string[];
  readonly fetch: typeof globalThis.fetch;
}

/** Which scopes there are. Nothing else is advertised: clients ask for all that they see. */
export function scopesOf(config: AuthServerConfig): string[] {
  return [DEFAULT_SCOPE, ...config.scopes];
}

/** oidc-provider, as MCP wants it: PKCE with S256, no implicit flow, JWTs for one resource, no HS256 anywhere. */
export function providerConfiguration(setting: Setting): Configuration {
  const { config, records, users, issuer } = setting;
  const isSecure = issuer.startsWith('https:');
  const refresh = seconds(config.refreshTokens);
  return {
    adapter: (model: string) => new RecordsAdapter(records, model, config.refreshGrace),
    jwks: { keys: [...setting.keys] },
    routes: {
      authorization: '/oauth2/authorize',
      token: '/oauth2/token',
      registration: '/oauth2/register',
      revocation: '/oauth2/revoke',
      introspection: '/oauth2/introspect',
      jwks: '/oauth2/jwks',
    },
    cookies: {
      keys: [...setting.cookieKeys],
      // The names bind them to https and to this very host; what has a path of its own cannot have the stronger one.
      names: isSecure
        ? {
            session: '__Host-sallyport',
            interaction: '__Secure-sallyport-login',
            resume: '__Secure-sallyport-resume',
          }
        : { session: 'sallyport', interaction: 'sallyport-login', resume: 'sallyport-resume' },
      long: { signed: true, httpOnly: true, sameSite: 'lax', secure: isSecure, path: '/' },
      short: { signed: true, httpOnly: true, sameSite: 'lax', secure: isSecure },
    },
    pkce: { required: () => true },
    responseTypes: ['code'],
    scopes: ['offline_access', ...scopesOf(config)],
    claims: { sub: null },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    clientDefaults: { id_token_signed_response_alg: config.signing },
    enabledJWA: {
      idTokenSigningAlgValues: [config.signing],
      clientAuthSigningAlgValues: ['ES256', 'RS256', 'PS256', 'EdDSA'],
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        // Whoever registered by himself is told of his own tokens only.
        allowedPolicy: (_ctx, client, token) =>
          token.clientId === client.clientId ||
          (client.clientAuthMethod !== 'none' &&
            records.get('Client', client.clientId)?.['dynamic'] !== true),
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      registration: {
        enabled: config.registration,
        issueRegistrationAccessToken: false,
      },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_ctx, _client, oneOf) =>
          Array.isArray(oneOf) ? (oneOf[0] ?? '') : `${setting.resources[0]}/mcp`,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          const known = setting.resources.some((base) => targetOf(resource, base));
          if (!known) throw new errors.InvalidTarget('this authorization server is not for that resource');
          return {
            scope: scopesOf(config).join(' '),
            audience: withoutSlash(resource),
            accessTokenFormat: 'jwt',
            accessTokenTTL: seconds(config.accessTokens),
            jwt: { sign: { alg: config.signing } },
          };
        },
      },
    },
    ttl: {
      AccessToken: seconds(config.accessTokens),
      AuthorizationCode: CODE_S,
      ClientCredentials: MACHINE_TOKEN_S,
      // Longer than what it is the grant of.
      Grant: refresh + SESSION_S,
      IdToken: seconds(config.accessTokens),
      Interaction: INTERACTION_S,
      RefreshToken: refresh,
      Session: SESSION_S,
    },
    // > For public clients in OAuth 2.1, authorization servers MUST rotate refresh tokens (basic/authorization)
    rotateRefreshToken: true,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    findAccount: (_ctx, sub) => {
      const user = users.get(sub);
      if (!user || user.isDisabled) return undefined;
      return { accountId: sub, claims: () => ({ sub }) };
    },
    extraTokenClaims: (_ctx, token) => {
      const user = 'accountId' in token ? users.get(token.accountId) : undefined;
      return (
        user && {
          preferred_username: user.name,
          ...(user.email !== undefined && { email: user.email }),
          ...(user.roles.length > 0 && { roles: user.roles }),
        }
      );
    },
    formats: { customizers: { jwt: (_ctx, token, parts) => keep(records, token, parts) } },
    interactions: {
      url: (_ctx, { uid }) => `${new URL(issuer).pathname.replace(/\/$/, '')}/oauth2/interaction/${uid}`,
    },
    // Any page may ask at the endpoints that want no cookie; what it needs to know for it is a secret.
    clientBasedCORS: () => true,
    renderError: (ctx, out) => renderError(ctx, out),
    fetch: setting.fetch,
  };
}

/**
 * Keeps a record of each JWT, so that it can be revoked, introspected, and ends with its grant: what is not in the store is
 * not valid any more.
 */
function keep(
  records: Records,
  token: { readonly jti: string; readonly kind: string },
  { payload }: { readonly payload: Record<string, unknown> },
): void {
  const fields = ['clientId', 'grantId', 'accountId', 'aud', 'scope', 'gty', 'extra'] as const;
  const all = token as unknown as Readonly<Record<string, unknown>>;
  const kept = Object.fromEntries(
    fields.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]])),
  );
  const { exp, iat, jti } = payload;
  const value = JSON.parse(JSON.stringify({ ...kept, kind: token.kind, exp, iat, jti }));
  records.put(token.kind, token.jti, value, Number(exp) * 1000);
}

function renderError(
  ctx: KoaContextWithOIDC,
  { error, error_description: description }: { error: string; error_description?: string | undefined },
): void {
  ctx.type = 'html';
  const page = errorPage(ctx.get('accept-language'), error, description ?? '');
  ctx.set(page.headers);
  ctx.body = page.html;
}

function seconds(ms: number): number {
  return Math.max(1, Math.round(ms / 1000));
}
