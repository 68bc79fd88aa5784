import type { Span } from './source.ts';

export type Severity = 'error' | 'note';

/** Something to tell the writer of the file. A message never contains a value of the file, only keys and names. */
export interface Finding {
  readonly severity: Severity;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string | undefined;
  /** Where; undefined: the file as a whole. */
  readonly span: Span | undefined;
  /** Another place that belongs to it, such as the first of two keys that are the same. */
  readonly other: Span | undefined;
}

/** How many are kept. A file with more mistakes is not a configuration, and nobody reads on. */
const MAX_FINDINGS = 100;

/** Collects what the steps of loading find, so that every mistake is told at once. */
export class Findings {
  readonly #all = new Map<string, Finding>();

  error(span: Span | undefined, message: string, hint?: string, other?: Span): void {
    this.#add({ severity: 'error', message, hint, span, other });
  }

  note(span: Span | undefined, message: string, hint?: string): void {
    this.#add({ severity: 'note', message, hint, span, other: undefined });
  }

  /** Is there no room for more, so that looking for more is in vain? */
  get isFull(): boolean {
    return this.#all.size >= MAX_FINDINGS;
  }

  get hasErrors(): boolean {
    return [...this.#all.values()].some((finding) => finding.severity === 'error');
  }

  /** In the order of the file. */
  get all(): readonly Finding[] {
    return [...this.#all.values()].toSorted((a, b) => (a.span?.start ?? -1) - (b.span?.start ?? -1));
  }

  #add(finding: Finding): void {
    if (this.isFull) return;
    // What an alias repeats is written once, and so is its mistake.
    this.#all.set(`${finding.span?.start} ${finding.message}`, finding);
  }
}
