/** Slots that a connection begins with, and those it has at most. More calls than that at once are refused. */
const FEWEST = 64;
const MOST = 65_536;

/**
 * The requests of one connection that have no answer yet, by the id they went out with.
 *
 * An array of slots, not a Map with growing keys: at tens of thousands of requests a second such a Map rehashes all the
 * time, and each old table keeps everything it held alive (p99 of 40 ms instead of 4 on Node 24).
 *
 * Ids count up and never repeat, so a late answer to a call that was given up reaches nobody. The slot of an id is its
 * remainder; an id whose slot still waits is left out. They stay small for two billion calls: a number that no longer
 * fits into 32 bits takes longer to write and to read.
 */
export class InFlight<T> {
  #slots: ({ id: number; entry: T } | undefined)[] = empty(FEWEST);
  #next = 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns the id to send, or undefined when no slot is left */
  add(entry: T): number | undefined {
    // Half of the slots stay free, so that the next one that is free is near.
    if (this.#size * 2 >= this.#slots.length && !this.#grow()) return undefined;
    let id = this.#next;
    while (this.#slots[id % this.#slots.length]) id += 1;
    this.#next = id + 1;
    this.#slots[id % this.#slots.length] = { id, entry };
    this.#size += 1;
    return id;
  }

  /** The entry that went out with this id, if it still waits. */
  peek(id: unknown): T | undefined {
    if (typeof id !== 'number') return undefined;
    const found = this.#slots[id % this.#slots.length];
    return found?.id === id ? found.entry : undefined;
  }

  /** The same, and its slot is free from now on. */
  take(id: unknown): T | undefined {
    const entry = this.peek(id);
    if (entry === undefined || typeof id !== 'number') return undefined;
    this.#slots[id % this.#slots.length] = undefined;
    this.#size -= 1;
    return entry;
  }

  /** Everything that waits. */
  *entries(): Generator<T> {
    for (const slot of this.#slots) if (slot) yield slot.entry;
  }

  /** Takes everything out, for an end that answers all of it. */
  drain(): T[] {
    const entries = [...this.entries()];
    this.#slots = empty(FEWEST);
    this.#size = 0;
    return entries;
  }

  /** @returns is there room for one more? */
  #grow(): boolean {
    const before = this.#slots;
    if (before.length === MOST) return this.#size < MOST;
    const slots = empty<{ id: number; entry: T }>(before.length * 2);
    // What was apart is apart among twice as many.
    for (const slot of before) if (slot) slots[slot.id % slots.length] = slot;
    this.#slots = slots;
    return true;
  }
}

/** Without holes: an array with holes is looked up more slowly. */
function empty<S>(length: number): (S | undefined)[] {
  return Array.from({ length }, () => undefined);
}
