/** The name under which everything is counted that has none of its own. */
export const OTHER = 'other';

/** What the protocol lets the name of a tool consist of (server/tools, "Tool Names"). */
const NAME = /^[A-Za-z0-9_./-]{1,128}$/;

/**
 * Names that may become labels. Whoever calls something may call it anything, so a name counts only when the server
 * itself has listed it; and a server cannot list more than so many.
 */
export class BoundedNames {
  readonly #most: number;
  readonly #names = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** A server lists this. What is no proper name, or one too many, stays unknown. */
  learn(name: unknown): void {
    if (this.#names.size < this.#most && typeof name === 'string' && NAME.test(name)) this.#names.add(name);
  }

  /** The name, where it is known. */
  labelOf(name: unknown): string {
    return typeof name === 'string' && this.#names.has(name) ? name : OTHER;
  }
}
