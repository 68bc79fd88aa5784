/** Room that is kept, in places. */
const ROOM = 16;
/** What one long text has made larger than this is given back. */
const MOST_KEPT = 64 * 1024;

/** Places in a text, in ascending order. Cleared and filled again for each text, since there are thousands of texts a second. */
export class Places {
  #places = new Int32Array(ROOM);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The place with this number; 0 behind the last one. */
  at(index: number): number {
    return index < this.#length ? (this.#places[index] ?? 0) : 0;
  }

  clear(): void {
    this.#length = 0;
    if (this.#places.length > MOST_KEPT) this.#places = new Int32Array(ROOM);
  }

  push(place: number): void {
    if (this.#length === this.#places.length) this.#grow();
    this.#places[this.#length] = place;
    this.#length += 1;
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#places.length);
    larger.set(this.#places);
    this.#places = larger;
  }
}
