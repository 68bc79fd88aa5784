/** A piece below this many bytes is a crumb, and this many crumbs in a row are made one piece. */
const CRUMB = 1024;
const CRUMBS = 256;

/**
 * Bytes kept as the pieces they came in, so that nobody copies a large message. Only crumbs are put together: a Buffer
 * costs more than the byte that a hostile server may put into one.
 */
export class Pieces {
  #parts: Buffer[] = [];
  #size = 0;
  #crumbs = 0;

  /** Bytes in all. */
  get size(): number {
    return this.#size;
  }

  add(part: Buffer): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#size += part.length;
    this.#crumbs = part.length < CRUMB ? this.#crumbs + 1 : 0;
    if (this.#crumbs < CRUMBS) return;
    this.#parts.push(Buffer.concat(this.#parts.splice(-CRUMBS)));
    this.#crumbs = 0;
  }

  /** The first bytes as text, one character a byte. */
  head(most: number): string {
    let text = '';
    for (const part of this.#parts) {
      if (text.length >= most) break;
      text += part.toString('latin1', 0, most - text.length);
    }
    return text;
  }

  /** Takes everything out, without the first bytes. */
  take(skipped = 0): Buffer[] {
    const parts = this.#parts;
    this.#parts = [];
    this.#size = 0;
    this.#crumbs = 0;
    let left = skipped;
    while (left > 0) {
      const first = parts.shift();
      if (!first) break;
      if (first.length > left) parts.unshift(first.subarray(left));
      left -= first.length;
    }
    return parts;
  }
}
