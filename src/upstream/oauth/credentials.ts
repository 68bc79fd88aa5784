import type { HttpServer } from '../../config/schema.ts';
import type { Credentials } from '../transport/http-client.ts';
import { type Fetch, fetchFor } from './fetch.ts';
import type { Challenge, Interaction, Party } from './flow.ts';
import { Logins, type Tokens, tokensOf } from './logins.ts';

/** A token is renewed this long before it ends, in milliseconds: a request under way should not see its end. */
const EARLY_MS = 60_000;

export interface OAuthOptions {
  readonly server: HttpServer;
  /** Where logins are kept. */
  readonly folder: string;
  /** What somebody has to do when there is no login. */
  readonly advice: string;
  /** Present where a person is there to log in when it comes to that. */
  readonly interact?: (() => Interaction) | undefined;
  /** Told why a renewal failed, for the operator: callers only learn that there is no login. */
  readonly warn?: (problem: string) => void;
}

/**
 * The login at one remote server, as its requests need it. The OAuth client itself is loaded when it is first needed:
 * most servers want none.
 */
export class OAuthCredentials implements Credentials {
  readonly advice: string;
  readonly #options: OAuthOptions;
  readonly #logins: Logins;
  readonly #fetch: Fetch;
  #tokens: Tokens | undefined;
  #loaded = false;
  /** One renewal at a time, for everybody who waits. */
  #renewal: Promise<boolean> | undefined;

  constructor(options: OAuthOptions) {
    this.#options = options;
    this.advice = options.advice;
    this.#logins = new Logins(options.folder);
    this.#fetch = fetchFor(options.server);
  }

  async headers(): Promise<Readonly<Record<string, string>>> {
    if (!this.#loaded) await this.#load();
    const { expiresAt, refresh_token: refreshToken } = this.#tokens ?? {};
    const isClient = this.#options.server.auth?.grant === 'client_credentials';
    const isEnding = expiresAt !== undefined && expiresAt - Date.now() < EARLY_MS;
    // What could not be renewed is sent as it is: the server has the last word.
    if (isEnding && (refreshToken !== undefined || isClient)) await this.#once({}).catch(() => false);
    if (!this.#tokens && isClient) await this.#once({}).catch(() => false);
    return this.#tokens ? { authorization: `Bearer ${this.#tokens.access_token}` } : {};
  }

  async renew(header: string | undefined): Promise<boolean> {
    const { challengeOf } = await import('./flow.ts');
    return this.#once(challengeOf(header), true);
  }

  #once(challenge: Challenge, isRefused = false): Promise<boolean> {
    this.#renewal ??= this.#renew(challenge, isRefused)
      .catch((error: unknown) => {
        this.#options.warn?.(error instanceof Error ? error.message : String(error));
        throw error;
      })
      .finally(() => {
        this.#renewal = undefined;
      });
    return this.#renewal;
  }

  /** @returns true when there are other tokens now */
  async #renew(challenge: Challenge, isRefused: boolean): Promise<boolean> {
    const flow = await import('./flow.ts');
    const { server, interact } = this.#options;
    const party: Party = { server, logins: this.#logins, fetch: this.#fetch };
    const used = this.#tokens?.access_token;
    const lacksScope = challenge.error === 'insufficient_scope';
    if (server.auth?.grant === 'client_credentials') {
      return this.#take(await flow.clientCredentials(party, used, challenge), used);
    }
    // Perhaps another process has logged in or renewed meanwhile; and what was widened elsewhere is not there yet.
    if (used === undefined) await this.#load();
    if (this.#tokens && this.#tokens.access_token !== used) return true;
    // A refresh cannot widen what was granted (RFC 6749, 6).
    const refreshed = used === undefined || lacksScope ? undefined : await flow.refresh(party, used);
    if (this.#take(refreshed, used)) return true;
    if (lacksScope) {
      await this.#load();
      if (this.#tokens && this.#tokens.access_token !== used) return true;
      await flow.rememberScope(party, challenge);
    }
    if (!isRefused || !interact) return false;
    return this.#take(await flow.logIn(party, challenge, interact()), used);
  }

  async #load(): Promise<void> {
    this.#tokens = tokensOf(await this.#logins.read(this.#options.server.url));
    this.#loaded = true;
  }

  #take(tokens: Tokens | undefined, used: string | undefined): boolean {
    if (!tokens) return false;
    this.#tokens = tokens;
    return tokens.access_token !== used;
  }
}
