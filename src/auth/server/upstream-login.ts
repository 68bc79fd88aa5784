import { createHash, randomBytes } from 'node:crypto';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify, type JWTPayload } from 'jose';
import type { AuthServerConfig } from '../../config/auth-server.ts';
import type { Records } from '../../store/records.ts';
import { type FetchJson, fetchJsonFor } from '../fetch-json.ts';
import type { User, Users } from './users.ts';

type LoginConfig = NonNullable<AuthServerConfig['login']>;

const KIND = 'UpstreamLogin';
const STATE_MS = 10 * 60_000;
/** Signatures that only the provider can make. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'RS384', 'RS512', 'ES384'];

/** The other provider did not vouch for anybody. */
export class LoginRefused extends Error {}

/** Who somebody is, by the word of another OpenID provider: authorization code with PKCE, state and nonce. */
export class UpstreamLogin {
  readonly #config: LoginConfig;
  readonly #records: Records;
  readonly #users: Users;
  readonly #redirectUri: string;
  readonly #fetchJson: FetchJson;

  constructor(config: LoginConfig, records: Records, users: Users, redirectUri: string) {
    this.#config = config;
    this.#records = records;
    this.#users = users;
    this.#redirectUri = redirectUri;
    this.#fetchJson = fetchJsonFor(config.issuer, config.allowPrivate);
  }

  get site(): string {
    return new URL(this.#config.issuer).host;
  }

  /** Where the browser has to go. @param uid of the interaction that goes on afterwards */
  async begin(uid: string): Promise<string> {
    const { authorizationEndpoint } = await this.#metadata();
    const [state, nonce, verifier] = [random(), random(), random()];
    this.#records.put(KIND, state, { uid, nonce, verifier }, Date.now() + STATE_MS);
    const url = new URL(authorizationEndpoint);
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: this.#config.clientId,
      redirect_uri: this.#redirectUri,
      scope: 'openid email profile',
      state,
      nonce,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }))
      url.searchParams.set(name, value);
    return url.href;
  }

  /** Which interaction an answer belongs to. */
  interactionOf(state: string): string | undefined {
    const uid = this.#records.get(KIND, state)?.['uid'];
    return typeof uid === 'string' ? uid : undefined;
  }

  /**
   * Takes the answer that came with the browser.
   * @param uid of the interaction that this browser is in
   * @throws {LoginRefused}
   */
  async finish(answer: URLSearchParams, uid: string): Promise<User> {
    const begun = this.#records.take(KIND, answer.get('state') ?? '');
    // What somebody else began would log this person in as them.
    if (begun?.['uid'] !== uid) throw new LoginRefused('nobody began this login here');
    const iss = answer.get('iss');
    if (iss !== null && iss !== this.#config.issuer)
      throw new LoginRefused('the answer is of another issuer');
    const code = answer.get('code');
    if (code === null) throw new LoginRefused(answer.get('error') ?? 'there is no code');
    const claims = await this.#claims(code, textOf(begun['verifier']));
    if (claims['nonce'] !== begun['nonce']) throw new LoginRefused('the ID token is for another login');
    return this.#userOf(claims);
  }

  async #claims(code: string, verifier: string): Promise<JWTPayload> {
    const { issuer, clientId, clientSecret } = this.#config;
    const { tokenEndpoint, jwksUri } = await this.#metadata();
    const secret = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`);
    const { id_token: idToken } = await this.#fetchJson(tokenEndpoint, {
      headers: { authorization: `Basic ${secret.toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: this.#redirectUri,
        code_verifier: verifier,
      }),
    });
    if (typeof idToken !== 'string') throw new LoginRefused('there is no ID token');
    // jose checks what a set of keys is.
    const keys = createLocalJWKSet((await this.#fetchJson(jwksUri)) as unknown as JSONWebKeySet);
    const { payload } = await jwtVerify(idToken, keys, {
      issuer,
      audience: clientId,
      algorithms: ALGORITHMS,
      requiredClaims: ['sub', 'exp', 'iat'],
      clockTolerance: 30,
    });
    const { azp } = payload;
    if (azp !== undefined && azp !== clientId) throw new LoginRefused('the ID token is for another client');
    return payload;
  }

  #userOf(claims: JWTPayload): User {
    const { domains, issuer } = this.#config;
    // Whoever can write any address into a profile would else be let in as anybody.
    const isVerified = claims['email_verified'] === true || claims['email_verified'] === 'true';
    const email =
      typeof claims['email'] === 'string' && isVerified ? claims['email'].toLowerCase() : undefined;
    if (domains && !(email !== undefined && domains.includes(email.slice(email.lastIndexOf('@') + 1))))
      throw new LoginRefused('this account is of no allowed domain');
    const user = this.#users.vouched(userName(issuer, claims.sub ?? ''), { email });
    if (user.isDisabled) throw new LoginRefused('this account is disabled');
    return user;
  }

  async #metadata(): Promise<{ authorizationEndpoint: string; tokenEndpoint: string; jwksUri: string }> {
    const { issuer } = this.#config;
    const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const metadata = await this.#fetchJson(place);
    // > MUST exactly match the value of issuer (OpenID Connect Discovery, 4.3)
    if (metadata['issuer'] !== issuer) throw new LoginRefused(`${place} is of another issuer`);
    return {
      authorizationEndpoint: textOf(metadata['authorization_endpoint']),
      tokenEndpoint: textOf(metadata['token_endpoint']),
      jwksUri: textOf(metadata['jwks_uri']),
    };
  }
}

/**
 * What somebody of another provider is called here. With a colon: nobody who has a password here can have it. A subject is
 * compared to the letter, and the names of users are not; so one that is not plain is known by its hash.
 */
function userName(issuer: string, sub: string): string {
  const isPlain = /^[\da-z._@-]{1,64}$/.test(sub);
  return `${new URL(issuer).host}:${isPlain ? sub : `~${createHash('sha256').update(sub).digest('hex').slice(0, 40)}`}`;
}

/** @throws {LoginRefused} for what is no text */
function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new LoginRefused('the answer of the issuer lacks something');
  return value;
}

function random(): string {
  return randomBytes(32).toString('base64url');
}
