import {
  auth as authorize,
  computeScopeUnion,
  discoverOAuthServerInfo,
  extractWWWAuthenticateParams,
  OAuthError,
  OAuthErrorCode,
  refreshAuthorization,
  selectResourceURL,
  validateAuthorizationResponseIssuer,
} from '@modelcontextprotocol/client';
import type { HttpServer, UpstreamAuth } from '../../config/schema.ts';
import { type Callback, openCallback } from './callback.ts';
import { type Fetch, isLoopback } from './fetch.ts';
import { type Login, type Logins, type Tokens, tokensOf } from './logins.ts';
import { LoginError, Provider, withExpiry } from './provider.ts';

/** Who logs in where. */
export interface Party {
  readonly server: Pick<HttpServer, 'url' | 'auth'>;
  readonly logins: Logins;
  readonly fetch: Fetch;
}

/** What a `WWW-Authenticate` header asks for. */
export interface Challenge {
  readonly resourceMetadataUrl?: URL;
  readonly scope?: string;
  readonly error?: string;
}

const NO_AUTH: UpstreamAuth = { grant: 'authorization_code' };

export function challengeOf(header: string | undefined): Challenge {
  if (header === undefined) return {};
  return extractWWWAuthenticateParams(new Response(null, { headers: { 'www-authenticate': header } }));
}

/**
 * Asks the server without a token, to learn what it wants. One that wants none has nothing to log in at.
 * @throws {LoginError} when it answers
 */
export async function knock({ server, fetch }: Party): Promise<Challenge> {
  const answer = await fetch(server.url, {
    method: 'POST',
    headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  });
  if (answer.ok) throw new LoginError('the server does not ask for a login');
  return challengeOf(answer.headers.get('www-authenticate') ?? undefined);
}

/**
 * Gets new tokens for a refresh token, unless another process has done so meanwhile.
 * @param used the access token that is no longer good
 * @returns the tokens that are good now; undefined where only a new login helps
 * @throws when the authorization server cannot be asked
 */
export function refresh({ server, logins, fetch }: Party, used: string): Promise<Tokens | undefined> {
  return logins.change(server.url, async (login) => {
    const tokens = tokensOf(login);
    if (tokens && tokens.access_token !== used) return tokens;
    if (tokens?.refresh_token === undefined || login.issuer === undefined) return undefined;
    const info = await discoverOAuthServerInfo(server.url, { fetchFn: fetch });
    const { authorizationServerUrl, authorizationServerMetadata: metadata, resourceMetadata } = info;
    // The server has moved to another authorization server: what the old one gave is none of the new one's business.
    if ((metadata?.issuer ?? authorizationServerUrl) !== login.issuer) return undefined;
    const provider = new Provider({ auth: server.auth ?? NO_AUTH, login, redirectUrl: undefined });
    const clientInformation = provider.clientInformation({ issuer: login.issuer });
    if (clientInformation?.issuer !== login.issuer) return undefined;
    const resource =
      (await selectResourceURL(server.url, provider, resourceMetadata)) && resourceMetadata?.resource;
    try {
      const fresh = await refreshAuthorization(authorizationServerUrl, {
        ...(metadata && { metadata }),
        clientInformation,
        refreshToken: tokens.refresh_token,
        ...(resource !== undefined && { resource }),
        fetchFn: fetch,
      });
      const { issuer } = login;
      const kept = withExpiry({ scope: tokens.scope, ...fresh, issuer });
      login.grants.set(issuer, { ...login.grants.get(issuer), tokens: kept });
      return kept;
    } catch (error) {
      if (!(error instanceof OAuthError) || !FINAL.has(error.code)) throw error;
      const { tokens: _, ...grant } = login.grants.get(login.issuer) ?? {};
      login.grants.set(login.issuer, grant);
      return undefined;
    }
  });
}

/** With these, the same question would get the same answer for ever (RFC 6749, 5.2). */
const FINAL: ReadonlySet<string> = new Set([
  OAuthErrorCode.InvalidGrant,
  OAuthErrorCode.InvalidClient,
  OAuthErrorCode.UnauthorizedClient,
  OAuthErrorCode.InvalidScope,
]);

/**
 * Logs in as the application itself.
 * @param used the access token that is no longer good
 * @param challenge why it is not
 */
export function clientCredentials(
  { server, logins, fetch }: Party,
  used: string | undefined,
  challenge: Challenge,
): Promise<Tokens | undefined> {
  const { url, auth = NO_AUTH } = server;
  return logins.change(url, async (login) => {
    const tokens = tokensOf(login);
    if (tokens && tokens.access_token !== used) return tokens;
    const scope = wanted(login, auth, challenge);
    const provider = new Provider({ auth, login, redirectUrl: undefined });
    await authorize(provider, { serverUrl: url, fetchFn: fetch, ...details(challenge, scope) });
    return settle(login, provider, scope);
  });
}

export interface Interaction {
  /** Shows the person where to log in. */
  open(url: URL): void;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/** Logs in with a browser: authorization code with PKCE, the answer on loopback. */
export async function logIn(
  party: Party,
  challenge: Challenge,
  interaction: Interaction,
): Promise<Tokens | undefined> {
  const { server, logins, fetch } = party;
  const { url, auth = NO_AUTH } = server;
  const before = await logins.read(url);
  const scope = wanted(before, auth, challenge);
  const callback = await callbackFor(auth, before);
  try {
    const provider = new Provider({ auth, login: before, redirectUrl: callback.redirectUrl });
    const options = { serverUrl: url, fetchFn: fetch, ...details(challenge, scope) };
    await authorize(provider, { ...options, forceReauthorization: true });
    const { authorizationUrl } = provider;
    if (!authorizationUrl) throw new LoginError('the authorization server gave no page to log in at');
    checkBrowsable(authorizationUrl);
    const back = callback.returned(provider.state(), interaction.signal);
    interaction.open(authorizationUrl);
    const { code, iss, error, errorDescription } = await back;
    if (code === undefined) {
      const metadata = provider.discovery?.authorizationServerMetadata;
      // > the client MUST NOT act on or display the error … if the iss does not match  (basic/authorization)
      validateAuthorizationResponseIssuer({
        iss,
        expectedIssuer: metadata?.issuer,
        issParameterSupported: metadata?.['authorization_response_iss_parameter_supported'] === true,
      });
      throw new LoginError(
        `the authorization server refused: ${error ?? 'no reason'} ${errorDescription ?? ''}`.trim(),
      );
    }
    await authorize(provider, { ...options, authorizationCode: code, ...(iss !== undefined && { iss }) });
    return await logins.change(url, async (login) => settle(login, provider, scope));
  } finally {
    callback.close();
  }
}

/** Remembers what a server wanted more, for the next login. */
export async function rememberScope({ server, logins }: Party, challenge: Challenge): Promise<void> {
  await logins.change(server.url, async (login) => {
    login.scope = wanted(login, server.auth ?? NO_AUTH, challenge);
  });
}

/** > the union of previously requested scopes and the newly challenged ones  (basic/authorization, step-up) */
function wanted(login: Login, { scope }: UpstreamAuth, challenge: Challenge): string | undefined {
  const isStepUp = challenge.error === 'insufficient_scope';
  const asked = isStepUp ? computeScopeUnion(tokensOf(login)?.scope, challenge.scope) : challenge.scope;
  return computeScopeUnion(scope, login.scope, asked);
}

function details(
  { resourceMetadataUrl }: Challenge,
  scope: string | undefined,
): { resourceMetadataUrl?: URL; scope?: string } {
  return { ...(resourceMetadataUrl && { resourceMetadataUrl }), ...(scope !== undefined && { scope }) };
}

function settle(login: Login, provider: Provider, scope: string | undefined): Tokens | undefined {
  const { issuer, grant } = provider.grant ?? {};
  if (issuer === undefined || !grant) return undefined;
  login.issuer = issuer;
  login.grants.set(issuer, grant);
  login.scope = scope;
  return grant.tokens;
}

/** At the port that the client was registered with, where it is to be had; else a new registration is needed. */
async function callbackFor({ callbackPort }: UpstreamAuth, login: Login): Promise<Callback> {
  if (callbackPort !== undefined) return openCallback(callbackPort);
  const grant = login.issuer === undefined ? undefined : login.grants.get(login.issuer);
  const client = grant?.client;
  const [uri] = client && 'redirect_uris' in client ? client.redirect_uris : [];
  const port = uri === undefined ? 0 : Number(new URL(uri).port);
  const callback = await openCallback(port).catch(() => openCallback(0));
  if (uri !== undefined && callback.redirectUrl !== uri && login.issuer !== undefined)
    login.grants.delete(login.issuer);
  return callback;
}

/** > Authorization URLs: http(s) only, and http only for this machine  (security best practices) */
function checkBrowsable(url: URL): void {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))
    throw new LoginError('the page to log in at is not https');
}
