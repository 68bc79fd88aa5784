import type { Findings } from './findings.ts';
import { quoteKey } from './looks-secret.ts';
import type { Entry } from './node.ts';

/** The entries of a map as a reader comes upon them: refuses a second one of the same name, and dangerous names. */
export class EntryList {
  readonly #findings: Findings;
  readonly #entries = new Map<string, Entry>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  add(entry: Entry): void {
    const first = this.#entries.get(entry.name);
    if (first) {
      this.#findings.error(
        entry.key,
        `The key ${quoteKey(entry.name)} stands here a second time.`,
        'Keep one of the two.',
        first.key,
      );
    } else if (entry.name === '__proto__') {
      // As a key of a plain object it would change what the object is.
      this.#findings.error(entry.key, 'The key "__proto__" is not allowed.');
    } else {
      this.#entries.set(entry.name, entry);
    }
  }

  get all(): readonly Entry[] {
    return [...this.#entries.values()];
  }
}
