/** Who is calling, as the auth stage found it out. Nothing that a client merely says about itself is in here. */
export interface Principal {
  /** Stable and unique over all ways to log in. Connections, sessions and caches of one principal are never another's. */
  readonly id: string;
  /** How the caller proved it. */
  readonly via: 'token' | 'none';
}
