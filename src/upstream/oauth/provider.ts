import { randomBytes } from 'node:crypto';
import type {
  OAuthClientInformationContext,
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import type { UpstreamAuth } from '../../config/schema.ts';
import type { Grant, Login, Tokens } from './logins.ts';

/** Something about the authorization server that makes a login impossible. The message says what. */
export class LoginError extends Error {
  override name = 'LoginError';
}

export interface ProviderOptions {
  /** From the configuration. */
  readonly auth: UpstreamAuth;
  readonly login: Login;
  /** Where the browser comes back to; undefined where no browser takes part. */
  readonly redirectUrl: string | undefined;
}

/**
 * One run of the SDK's OAuth client, in memory. What came of it is in {@link grant}, to be kept by whoever ran it.
 *
 * The client is, in this order: the configured one, the one this authorization server gave us before, a Client ID
 * Metadata Document where both sides know it, and a new registration (basic/authorization, "Client Registration").
 */
export class Provider implements OAuthClientProvider {
  readonly redirectUrl: string | undefined;
  readonly clientMetadataUrl?: string;
  readonly clientMetadata: OAuthClientMetadata;
  /** A configured client is not replaced by a registered one. */
  readonly saveClientInformation?: (
    client: StoredOAuthClientInformation,
    context?: OAuthClientInformationContext,
  ) => void;
  readonly #auth: UpstreamAuth;
  readonly #grants: Map<string, Grant>;
  readonly #configuredFor: string | undefined;
  readonly #state = randomBytes(24).toString('base64url');
  #verifier = '';
  #discovery: OAuthDiscoveryState | undefined;
  #issuer: string | undefined;
  #authorizationUrl: URL | undefined;

  constructor({ auth, login, redirectUrl }: ProviderOptions) {
    const { clientId, clientMetadataUrl, grant } = auth;
    this.#auth = auth;
    this.#grants = new Map(login.grants);
    // A configured secret belongs to the authorization server it was meant for: the one that is named, or the first one.
    this.#configuredFor = auth.issuer ?? login.issuer;
    this.redirectUrl = redirectUrl;
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl;
    this.clientMetadata = {
      client_name: 'Sallyport',
      redirect_uris: redirectUrl === undefined ? [] : [redirectUrl],
      grant_types:
        grant === 'client_credentials' ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
      response_types: grant === 'client_credentials' ? [] : ['code'],
    };
    if (clientId === undefined)
      this.saveClientInformation = (client, context) => this.#put(context, { client });
  }

  /** What the browser is to be sent to. */
  get authorizationUrl(): URL | undefined {
    return this.#authorizationUrl;
  }

  get discovery(): OAuthDiscoveryState | undefined {
    return this.#discovery;
  }

  /** What the authorization server gave. */
  get grant(): { readonly issuer: string; readonly grant: Grant } | undefined {
    const grant = this.#issuer === undefined ? undefined : this.#grants.get(this.#issuer);
    return this.#issuer === undefined || !grant ? undefined : { issuer: this.#issuer, grant };
  }

  state(): string {
    return this.#state;
  }

  clientInformation(context?: OAuthClientInformationContext): StoredOAuthClientInformation | undefined {
    const { clientId, clientSecret } = this.#auth;
    const issuer = context?.issuer;
    if (clientId === undefined) return issuer === undefined ? undefined : this.#grants.get(issuer)?.client;
    const boundTo = this.#configuredFor ?? issuer;
    return {
      client_id: clientId,
      ...(clientSecret !== undefined && { client_secret: clientSecret }),
      ...(boundTo !== undefined && { issuer: boundTo }),
    };
  }

  tokens(context?: OAuthClientInformationContext): StoredOAuthTokens | undefined {
    const issuer = context?.issuer ?? this.#issuer;
    return issuer === undefined ? undefined : this.#grants.get(issuer)?.tokens;
  }

  saveTokens(tokens: StoredOAuthTokens, context?: OAuthClientInformationContext): void {
    this.#put(context, { tokens: withExpiry(tokens) });
    this.#issuer = context?.issuer;
  }

  redirectToAuthorization(url: URL): void {
    this.#authorizationUrl = url;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    const { authorizationServerMetadata: metadata, authorizationServerUrl } = state;
    // > If code_challenge_methods_supported is absent, the authorization server does not support PKCE and MCP clients
    // > MUST refuse to proceed.  (basic/authorization)
    const refuses = metadata !== undefined && !metadata.code_challenge_methods_supported?.includes('S256');
    if (this.redirectUrl !== undefined && refuses)
      throw new LoginError(`${authorizationServerUrl} does not say that it supports PKCE with S256`);
    this.#discovery = state;
  }

  /** Only for the second leg of this very run: another run asks again, so that a new authorization server is seen. */
  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery;
  }

  invalidateCredentials(what: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): void {
    for (const [issuer, { client, tokens }] of this.#grants) {
      const keepsClient = client && what !== 'all' && what !== 'client';
      const keepsTokens = tokens && what !== 'all' && what !== 'tokens';
      this.#grants.set(issuer, { ...(keepsClient && { client }), ...(keepsTokens && { tokens }) });
    }
  }

  /** Only where the application itself is who logs in (RFC 6749, 4.4). */
  prepareTokenRequest(scope?: string): URLSearchParams | undefined {
    if (this.#auth.grant !== 'client_credentials') return undefined;
    return new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) });
  }

  #put(context: OAuthClientInformationContext | undefined, more: Grant): void {
    if (context) this.#grants.set(context.issuer, { ...this.#grants.get(context.issuer), ...more });
  }
}

/** @param tokens with `expires_in`, which means seconds from now */
export function withExpiry(tokens: StoredOAuthTokens): Tokens {
  const { expires_in: seconds } = tokens;
  return typeof seconds === 'number' ? { ...tokens, expiresAt: Date.now() + seconds * 1000 } : tokens;
}
