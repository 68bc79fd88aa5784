const NO_COUNTS: ReadonlyMap<string, number> = new Map();
const NO_NAMES: ReadonlySet<string> = new Set();

/**
 * What the stages a call walks through found out about it, for those that keep records. Counts and names only: never a
 * value.
 */
export class Trail {
  /** The server that took the call. */
  server: string | undefined;
  /** How many values were put back for the server to see. */
  restored = 0;
  // In most calls nothing is found.
  #pii: Map<string, number> | undefined;
  #actions: Set<string> | undefined;
  #policies: Set<string> | undefined;

  /** How many values of each kind of personal data were found, in both directions. */
  get pii(): ReadonlyMap<string, number> {
    return this.#pii ?? NO_COUNTS;
  }

  /** What the guard did with them: `mask`, `reject`, `guard_failed` …. */
  get actions(): ReadonlySet<string> {
    return this.#actions ?? NO_NAMES;
  }

  /** The names of the guard's policies that decided. */
  get policies(): ReadonlySet<string> {
    return this.#policies ?? NO_NAMES;
  }

  /** A value of this kind was found. */
  found(entity: string): void {
    this.#pii ??= new Map();
    this.#pii.set(entity, (this.#pii.get(entity) ?? 0) + 1);
  }

  /** Something was done. @param policy which decided it, where one did */
  did(action: string, policy?: string): void {
    (this.#actions ??= new Set()).add(action);
    if (policy !== undefined) (this.#policies ??= new Set()).add(policy);
  }
}
