import type { TraceContext } from './trace-context.ts';

/** Who calls, and how the request came in: what is known before anything in it is read. */
export interface Caller {
  readonly principal: Principal;
  /** The address of the client as the listener found it out; undefined on pipes. */
  readonly address?: string | undefined;
  /**
   * The gateway as this client knows it, such as `https://mcp.example.com`, without a slash at the end; where there is
   * metadata that it could be referred to.
   */
  readonly base?: string | undefined;
  /** The trace that the headers of the request say it belongs to. What `_meta` says of a call counts more. */
  readonly trace?: TraceContext | undefined;
  /** Headers of the request that servers may get, by their names in lower case; those that the configuration names. */
  readonly passed?: ReadonlyMap<string, string> | undefined;
}

/** Who is calling, as the auth stage found it out. Nothing that a client merely says about itself is in here. */
export interface Principal {
  /**
   * Stable and unique over all ways to log in, such as `token:ci` or `https://idp.example#subject`. Connections, sessions
   * and caches of one principal are never another's.
   */
  readonly id: string;
  /** How the caller proved it. */
  readonly via: 'token' | 'jwt' | 'introspection' | 'basic' | 'none';
  /** The person or account, in the words of whoever vouches for it; what rules and the audit log call `user`. */
  readonly user?: string | undefined;
  /** Only when whoever vouches for it says that it was verified, or does not tell. */
  readonly email?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  /** The OAuth client that the token was issued to, or the name of the token. */
  readonly clientId?: string | undefined;
  /** What the token is for. Undefined: for everything its owner may do. */
  readonly scopes?: readonly string[] | undefined;
}
