/** What a part of the gateway may know of the authorization server in it, and have it do. */
export interface OwnAuthorization {
  readonly issuer: string;
  /** How many there are of each. */
  counts(): AuthorizationCounts;
  /**
   * A token that opens the example at `GET /hello` and nothing else.
   * @param seconds how long it lives, {@link TEST_TOKEN_SECONDS} at most
   */
  testToken(seconds: number): Promise<TestToken>;
}

export interface AuthorizationCounts {
  readonly users: number;
  readonly disabledUsers: number;
  /** Made with `sallyport client create`. */
  readonly clients: number;
  /** Registered by themselves. */
  readonly registeredClients: number;
  /** Consents that somebody gave and nobody took back. */
  readonly grants: number;
  readonly accessTokens: number;
}

export interface TestToken {
  readonly token: string;
  readonly audience: string;
  readonly scope: string;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

export const TEST_TOKEN_SECONDS = 300;
/** What such a token is for, and what somebody has to have to be given one. */
export const TEST_SCOPE = 'oauth.test';
