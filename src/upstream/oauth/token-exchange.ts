import { discoverAuthorizationServerMetadata } from '@modelcontextprotocol/client';
import type { HttpServer } from '../../config/schema.ts';
import { isObject, type JsonValue } from '../../core/json.ts';
import type { Credentials } from '../transport/http-client.ts';
import { type Fetch, fetchFor } from './fetch.ts';

/** A token is renewed this long before it ends, in milliseconds. */
const EARLY_MS = 60_000;
/** What an answer without `expires_in` is good for. */
const DEFAULT_SECONDS = 300;
const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

export interface TokenExchangeOptions {
  readonly server: HttpServer;
  /** The token that this caller came with last. */
  readonly subject: () => string | undefined;
  /** Told why there is no token, for the operator. */
  readonly warn?: (problem: string) => void;
  readonly fetch?: Fetch;
}

interface Exchanged {
  readonly token: string;
  readonly until: number;
  /** What it was exchanged for. */
  readonly subject: string;
}

/**
 * A caller's token, exchanged for one that is for the server (RFC 8693): the server learns on whose behalf it is called
 * from an authorization server it trusts, and never sees the token that opens this gateway.
 * > the MCP server … MUST NOT pass through the token it received from the MCP client (basic/authorization)
 */
export class TokenExchange implements Credentials {
  readonly advice =
    'The token of the caller could not be exchanged for one of this server. Who comes with a token of this gateway has none to exchange; else the log says what the authorization server answered.';
  readonly #options: TokenExchangeOptions;
  readonly #fetch: Fetch;
  #endpoint: Promise<string> | undefined;
  #exchanged: Exchanged | undefined;
  #pending: Promise<void> | undefined;

  constructor(options: TokenExchangeOptions) {
    this.#options = options;
    this.#fetch = options.fetch ?? fetchFor(options.server);
  }

  async headers(): Promise<Readonly<Record<string, string>>> {
    const { token, until = 0, subject } = this.#exchanged ?? {};
    const now = this.#options.subject();
    // Somebody with another token may have been let in with less since.
    if (token === undefined || until - Date.now() < EARLY_MS || (now !== undefined && now !== subject))
      await this.#exchange();
    return this.#exchanged ? { authorization: `Bearer ${this.#exchanged.token}` } : {};
  }

  async renew(): Promise<boolean> {
    const used = this.#exchanged?.token;
    await this.#exchange();
    return this.#exchanged !== undefined && this.#exchanged.token !== used;
  }

  /** One at a time, for everybody who waits. */
  #exchange(): Promise<void> {
    this.#pending ??= this.#ask()
      .then((exchanged) => {
        this.#exchanged = exchanged;
      })
      .catch((error: unknown) => {
        this.#exchanged = undefined;
        this.#options.warn?.(error instanceof Error ? error.message : 'the exchange failed');
      })
      .finally(() => {
        this.#pending = undefined;
      });
    return this.#pending;
  }

  async #ask(): Promise<Exchanged | undefined> {
    const subject = this.#options.subject();
    if (subject === undefined) return undefined;
    const { url, auth } = this.#options.server;
    const { clientId = '', clientSecret = '', audience, scope } = auth ?? {};
    const answer = await this.#fetch(await this.#find(), {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        // > client_secret_basic: encoded with application/x-www-form-urlencoded first (RFC 6749, 2.3.1)
        authorization: `Basic ${btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)}`,
      },
      body: new URLSearchParams({
        grant_type: GRANT,
        subject_token: subject,
        subject_token_type: ACCESS_TOKEN,
        requested_token_type: ACCESS_TOKEN,
        // Some servers know what a token is for by a name, and the others by the address (RFC 8707).
        ...(audience === undefined ? { resource: url } : { audience }),
        ...(scope !== undefined && { scope }),
      }),
    });
    return readAnswer(answer.status, await answer.text(), subject);
  }

  #find(): Promise<string> {
    this.#endpoint ??= this.#discover().catch((error: unknown) => {
      this.#endpoint = undefined;
      throw error;
    });
    return this.#endpoint;
  }

  async #discover(): Promise<string> {
    const { issuer = '' } = this.#options.server.auth ?? {};
    const metadata = await discoverAuthorizationServerMetadata(issuer, { fetchFn: this.#fetch });
    if (metadata?.issuer !== issuer) throw new TypeError(`${issuer} does not say that it is that`);
    return metadata.token_endpoint;
  }
}

/** @throws with the error code of the authorization server, which says nothing of the token */
function readAnswer(status: number, text: string, subject: string): Exchanged {
  const value = parsed(text);
  const { access_token: token, token_type: type, expires_in: seconds, error } = value;
  if (status !== 200)
    throw new TypeError(
      `the authorization server answered ${status}${typeof error === 'string' ? ` ${error.slice(0, 100)}` : ''}`,
    );
  if (typeof token !== 'string' || typeof type !== 'string' || type.toLowerCase() !== 'bearer')
    throw new TypeError('the authorization server gave no bearer token');
  // An answer that is the question would hand the caller's own token on.
  if (token === subject) throw new TypeError('the authorization server gave the same token back');
  const lives = typeof seconds === 'number' && seconds > 0 ? seconds : DEFAULT_SECONDS;
  return { token, until: Date.now() + lives * 1000, subject };
}

function parsed(text: string): Readonly<Record<string, JsonValue | undefined>> {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
