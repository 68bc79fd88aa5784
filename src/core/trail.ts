/**
 * What the stages a call walks through found out about it, for the one that keeps the record. That one makes it; a call
 * that nobody records has none. Counts and names only: never a value.
 */
export interface Trail {
  /** The server that took the call. */
  server?: string | undefined;
  /** How many values of each kind of personal data were found, in both directions. */
  readonly pii: Map<string, number>;
  /** What the guard did with them: `mask`, `reject`, `guard_failed` …. */
  readonly actions: Set<string>;
  /** The names of the guard's policies that decided. */
  readonly policies: Set<string>;
  /** How many values were put back for the server to see. */
  restored: number;
}

export function newTrail(): Trail {
  return { pii: new Map(), actions: new Set(), policies: new Set(), restored: 0 };
}
