import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createLocalJWKSet, type JSONWebKeySet, type JWK, jwtVerify } from 'jose';
import { Provider } from 'oidc-provider';
import { subscriberOf } from '../../config/address-block.ts';
import type { AuthServerConfig } from '../../config/auth-server.ts';
import { isObject } from '../../core/json.ts';
import type { TestToken } from '../../core/own-authorization.ts';
import { RateLimiter } from '../../core/rate.ts';
import type { Records } from '../../store/records.ts';
import type { Logger } from '../../telemetry/log.ts';
import { isSecret } from './adapter.ts';
import { MetadataError } from './client-metadata.ts';
import { providerConfiguration, scopesOf } from './configuration.ts';
import { Documents } from './documents.ts';
import { errorPage } from './error-page.ts';
import { Interactions, send } from './interaction.ts';
import { publicKeys, signingKeys } from './keys.ts';
import { bodyOf, parameters, registration, seenAs, TooLarge } from './rewrite.ts';
import { makeTestToken } from './test-token.ts';
import { UpstreamLogin } from './upstream-login.ts';
import { Users } from './users.ts';

export interface AuthorizationServerOptions {
  /** `https://auth.example.com`, without a slash at its end. */
  readonly issuer: string;
  /** The addresses of the gateways that its tokens are for; the issuer where there is none. */
  readonly resources?: readonly string[];
  readonly config: AuthServerConfig;
  readonly records: Records;
  readonly log: Logger;
  /** Addresses besides public ones that documents of clients may be fetched from. */
  readonly allow?: readonly string[];
}

export interface AuthorizationServer {
  readonly issuer: string;
  readonly scopes: readonly string[];
  /** The keys that its tokens are checked with. */
  jwks(): Promise<JSONWebKeySet>;
  /**
   * Answers a request that is for it.
   * @param address where it comes from
   * @returns false when it is for somebody else
   */
  handle(req: IncomingMessage, res: ServerResponse, address?: string): boolean;
  /** Is the token of this id revoked, or the consent it came from, or the person's account closed? */
  isRevoked(jti: string): boolean;
  /** Grows when something may have been revoked. */
  version(): number;
  /** For whoever wants to try it: see {@link OwnAuthorization}. */
  testToken(seconds: number): Promise<TestToken>;
  close(): Promise<void>;
}

const LOOK_FOR_KEYS_MS = 10 * 60_000;
/** What an address may ask in all: clients of a vendor share a few. */
const REQUESTS = { intervalMs: 50, burst: 199 };
// Anybody may register; a person who tries a few clients does it a few times.
const REGISTRATIONS = { intervalMs: 60_000, burst: 29 };
const WELL_KNOWN = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];
const ENDPOINTS = new Set(
  ['token', 'authorize', 'register', 'revoke', 'introspect', 'jwks'].map((name) => `/oauth2/${name}`),
);
const CALLBACK = '/oauth2/callback';

/** Opens an authorization server on a store. Whatever it knows is in there: any number may share one. */
export async function openAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<AuthorizationServer> {
  const server = new Server(options);
  await server.renewKeys();
  return server;
}

class Server implements AuthorizationServer {
  readonly issuer: string;
  readonly scopes: readonly string[];
  readonly #options: AuthorizationServerOptions;
  readonly #url: URL;
  readonly #prefix: string;
  readonly #users: Users;
  readonly #documents: Documents;
  readonly #upstream: UpstreamLogin | undefined;
  readonly #interactions: Interactions;
  readonly #requests = new RateLimiter(REQUESTS);
  readonly #registrations = new RateLimiter(REGISTRATIONS);
  readonly #secret: string;
  readonly #timer: NodeJS.Timeout;
  #keys: JSONWebKeySet = { keys: [] };
  #signing: JWK | undefined;
  #provider: Provider | undefined;

  constructor(options: AuthorizationServerOptions) {
    const { issuer, config, records, log, allow = [] } = options;
    this.#options = options;
    this.issuer = issuer;
    this.scopes = scopesOf(config);
    this.#url = new URL(issuer);
    this.#prefix = this.#url.pathname.replace(/\/$/, '');
    this.#users = new Users(records);
    this.#documents = new Documents(allow);
    this.#secret = secretOf(records);
    this.#upstream =
      config.login && new UpstreamLogin(config.login, records, this.#users, `${issuer}${CALLBACK}`);
    this.#interactions = new Interactions({
      provider: () => this.#current(),
      users: this.#users,
      config,
      issuer,
      secret: this.#secret,
      upstream: this.#upstream,
      log,
      isOurs: (id) => {
        const client = records.get('Client', id);
        return client !== undefined && client['dynamic'] !== true;
      },
    });
    this.#timer = setInterval(() => {
      this.renewKeys().catch((error: unknown) => {
        log.error({ error: error instanceof Error ? error.message : 'unknown' }, 'no new signing key');
      });
    }, LOOK_FOR_KEYS_MS).unref();
  }

  /** Takes over the keys that are due, and those that another process has made. */
  async renewKeys(): Promise<void> {
    const { config, records } = this.#options;
    const times = { rotateMs: config.rotateKeys, keepMs: Math.max(config.accessTokens, 1_800_000) };
    const { keys } = await signingKeys(records, config.signing, times);
    if (this.#provider && kids(keys) === kids(this.#keys.keys)) return;
    this.#keys = publicKeys(keys);
    this.#signing = keys[0];
    this.#provider = this.#build(keys);
  }

  async jwks(): Promise<JSONWebKeySet> {
    return this.#keys;
  }

  isRevoked(jti: string): boolean {
    const { records } = this.#options;
    return !records.get('AccessToken', jti) && !records.get('ClientCredentials', jti);
  }

  version(): number {
    return this.#options.records.version();
  }

  async testToken(seconds: number): Promise<TestToken> {
    const { records, resources = [] } = this.#options;
    if (!this.#signing) throw new Error('the authorization server is not open yet');
    const terms = { issuer: this.issuer, base: resources[0] ?? this.issuer, seconds };
    return makeTestToken(records, this.#signing, terms);
  }

  handle(req: IncomingMessage, res: ServerResponse, address?: string): boolean {
    const [path = '', query] = (req.url ?? '').split('?', 2);
    const plain = this.#plain(path);
    if (plain === undefined) return false;
    const waitMs = this.#requests.take(address === undefined ? '' : subscriberOf(address));
    if (waitMs > 0) {
      tooMany(res, waitMs, 'too many requests from this address');
      return true;
    }
    this.#answer(req, res, plain, query, address).catch((error: unknown) => {
      if (error instanceof TooLarge) return sendError(res, 413, 'invalid_request', 'the body is too large');
      if (error instanceof MetadataError) return sendError(res, 400, error.code, error.message);
      this.#options.log.error(
        { error: error instanceof Error ? error.name : 'unknown' },
        'the authorization server broke',
      );
      return sendError(res, 500, 'server_error', 'it is in the log');
    });
    return true;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#documents.close();
  }

  /** A path of ours without the prefix of the issuer, which stands before it, or behind a well-known one (RFC 8414, 3.1). */
  #plain(path: string): string | undefined {
    const prefix = this.#prefix;
    const behind = WELL_KNOWN.find((place) => path === `${place}${prefix}` || path === `${place}${prefix}/`);
    if (behind !== undefined) return behind;
    const plain = prefix !== '' && path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
    if (WELL_KNOWN.includes(plain) || ENDPOINTS.has(plain) || plain === CALLBACK) return plain;
    return /^\/oauth2\/(?:authorize|interaction)\/[\w-]{1,100}$/.test(plain) ? plain : undefined;
  }

  async #answer(
    req: IncomingMessage,
    res: ServerResponse,
    path: string,
    query: string | undefined,
    address: string | undefined,
  ): Promise<void> {
    const prefix = this.#prefix;
    const url = query === undefined ? path : `${path}?${query}`;
    const seen = (body?: string, other = url): IncomingMessage =>
      seenAs(req, { url: other, prefix, issuer: this.#url, body });
    if (path === CALLBACK) return this.#callback(req, res, query ?? '');
    if (path.startsWith('/oauth2/interaction/')) {
      const body = req.method === 'POST' ? await bodyOf(req) : undefined;
      return this.#interactions.handle(seen(body), res, `${prefix}${path}`, address);
    }
    if (path === '/oauth2/authorize') {
      const isForm = req.method === 'POST';
      const given = new URLSearchParams(isForm ? await bodyOf(req) : query);
      const text = parameters(given, this.scopes, true).toString();
      return this.#pass(isForm ? seen(text) : seen(undefined, `${path}?${text}`), res);
    }
    if (req.method !== 'POST') return this.#pass(seen(), res);
    const body = await bodyOf(req);
    if (path === '/oauth2/register') {
      const waitMs = this.#registrations.take(address === undefined ? '' : subscriberOf(address));
      if (waitMs > 0) return tooMany(res, waitMs, 'too many registrations from this address');
      return this.#pass(seen(registration(body)), res);
    }
    if (!/^application\/x-www-form-urlencoded\b/i.test(req.headers['content-type'] ?? ''))
      return this.#pass(seen(body), res);
    const form = new URLSearchParams(body);
    if (path === '/oauth2/token')
      parameters(form, this.scopes, form.get('grant_type') === 'client_credentials');
    else await this.#byId(form);
    return this.#pass(seen(form.toString()), res);
  }

  /** The library knows a JWT by its id only: what it is asked about has to be signed by us before it is that. */
  async #byId(form: URLSearchParams): Promise<void> {
    const [token = '', ...more] = form.getAll('token');
    if (more.length > 0 || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return;
    try {
      const { payload } = await jwtVerify(token, createLocalJWKSet(this.#keys), {
        issuer: this.issuer,
        algorithms: ['ES256', 'RS256'],
        typ: 'at+jwt',
      });
      form.set('token', payload.jti ?? 'unknown');
    } catch {
      // > invalid tokens do not cause an error response (RFC 7009, 2.2); for introspection it is inactive (RFC 7662, 2.2)
      form.set('token', 'unknown');
    }
  }

  /** The answer of another provider goes to the page that asked for it: the cookie of that login is for its path only. */
  #callback(req: IncomingMessage, res: ServerResponse, query: string): void {
    const uid = this.#upstream?.interactionOf(new URLSearchParams(query).get('state') ?? '');
    if (uid === undefined) return send(res, 400, errorPage(req.headers['accept-language'], 'expired', ''));
    const location = `${this.#prefix}/oauth2/interaction/${uid}?${query}`;
    res.writeHead(303, { location, 'cache-control': 'no-store' }).end();
  }

  async #pass(req: IncomingMessage, res: ServerResponse): Promise<void> {
    // Koa answers by itself, errors as well.
    await this.#current().callback()(req, res);
  }

  #current(): Provider {
    if (!this.#provider) throw new Error('the authorization server is not open yet');
    return this.#provider;
  }

  #build(keys: Parameters<typeof providerConfiguration>[0]['keys']): Provider {
    const { config, records, log } = this.#options;
    const [first = this.issuer, ...more] = this.#options.resources ?? [];
    const provider = new Provider(
      this.issuer,
      providerConfiguration({
        issuer: this.issuer,
        resources: [first, ...more],
        config,
        records,
        users: this.#users,
        keys,
        cookieKeys: [this.#secret],
        fetch: this.#documents.fetch,
      }),
    );
    // What it reads there is what we wrote: see `seenAs`.
    provider.proxy = true;
    provider.use(async (ctx, next) => {
      await next();
      // Clients ask for all that they see here, and there are no ID tokens.
      if (ctx.path.startsWith('/.well-known/') && isObject(ctx.body))
        ctx.body['scopes_supported'] = [...this.scopes, 'offline_access'];
    });
    provider.on('server_error', (_ctx, error) =>
      log.error({ error: error.message }, 'the authorization server broke'),
    );
    // Kept as a hash, so it is compared as one.
    provider.Client.prototype.compareClientSecret = compareHash;
    return provider;
  }
}

/** What signs cookies and forms; made once for a store. */
function secretOf(records: Records): string {
  records.add('Secret', 'cookies', { value: randomBytes(32).toString('base64url') });
  const secret = records.get('Secret', 'cookies')?.['value'];
  if (typeof secret !== 'string') throw new Error('the store has no secret for cookies');
  return secret;
}

function compareHash(this: { clientSecret?: string | undefined }, actual: string): boolean {
  return isSecret(this.clientSecret ?? '', actual);
}

function kids(keys: readonly { kid?: string | undefined }[]): string {
  return keys.map(({ kid }) => kid).join(' ');
}

function tooMany(res: ServerResponse, waitMs: number, description: string): void {
  res.setHeader('retry-after', Math.ceil(waitMs / 1000));
  sendError(res, 429, 'temporarily_unavailable', description);
}

function sendError(res: ServerResponse, status: number, error: string, description: string): void {
  if (res.headersSent || res.destroyed) return;
  const text = JSON.stringify({ error, error_description: description });
  res.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(text),
  });
  res.end(text);
}
