import type { Principal } from '../core/principal.ts';

/** Somebody proved who they are. */
export interface Verified {
  readonly principal: Principal;
  /** Until when this may be believed without another look, in milliseconds since 1970. */
  readonly until: number;
  /** The one server whose endpoint the token is for, or the path of a page; undefined: all of them. */
  readonly only?: string | undefined;
  /** Is it still so? Asked when something may have been revoked. */
  readonly stands?: () => boolean;
}

/** Nobody got in. */
export interface Refused {
  readonly refused: 'invalid_token' | 'insufficient_scope';
  /** For the log: which check it was, in words of ours. Never told to the client. */
  readonly why: string;
  /** What the token has to be for. */
  readonly scopes?: readonly string[] | undefined;
}

export type Verdict = Verified | Refused;

/** Looks at a bearer token. Undefined: not one of its kind, somebody else may know it. */
export type Check = (token: string) => Verdict | undefined | Promise<Verdict | undefined>;

export function refused(why: string): Refused {
  return { refused: 'invalid_token', why };
}
