/** Shorter texts are found everywhere and are no secrets. */
const MIN_LENGTH = 6;

/** Every value that came from outside of the file, so that whoever writes a message can keep it out. */
export class Secrets {
  readonly #values = new Set<string>();

  add(value: string): void {
    if (value !== '') this.#values.add(value);
  }

  get values(): ReadonlySet<string> {
    return this.#values;
  }

  /** The text with each of the secrets in it replaced. */
  redact(text: string): string {
    // The longest first: one secret may be a part of another.
    return [...this.#values]
      .filter((value) => value.length >= MIN_LENGTH)
      .toSorted((a, b) => b.length - a.length)
      .reduce((rest, value) => rest.replaceAll(value, '[redacted]'), text);
  }
}
