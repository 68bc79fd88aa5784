import { type AccessLine, type Field, valueOf } from './line.ts';

/** What is known of the lines with one value. */
export interface Group {
  readonly value: string;
  count: number;
  seconds: number;
  slowest: number;
}

/** Values that are told apart. Whoever asks for another path each time would fill the memory else. */
const MOST_GROUPS = 50_000;
/** What all others are counted as. */
const OTHERS = '(others)';

/** Counts lines by the value of a field, in bounded memory. */
export class Tally {
  readonly #field: Field;
  readonly #most: number;
  readonly #groups = new Map<string, Group>();

  constructor(field: Field, most = MOST_GROUPS) {
    this.#field = field;
    this.#most = most;
  }

  see(line: AccessLine): void {
    const group = this.#groupOf(valueOf(line, this.#field));
    group.count += 1;
    group.seconds += line.seconds;
    group.slowest = Math.max(group.slowest, line.seconds);
  }

  /** Those with the most lines, the most first. */
  mostOften(limit: number): Group[] {
    return [...this.#groups.values()].sort(byCount).slice(0, limit);
  }

  /** Those that took longer than this on average, the slowest first. */
  slowerThan(seconds: number, limit: number): Group[] {
    return [...this.#groups.values()]
      .filter((group) => average(group) > seconds)
      .sort((a, b) => average(b) - average(a) || byCount(a, b))
      .slice(0, limit);
  }

  #groupOf(value: string): Group {
    const name = this.#groups.has(value) || this.#groups.size < this.#most ? value : OTHERS;
    const group = this.#groups.get(name) ?? { value: name, count: 0, seconds: 0, slowest: 0 };
    this.#groups.set(name, group);
    return group;
  }
}

/** In seconds. */
export function average({ count, seconds }: Group): number {
  return count === 0 ? 0 : seconds / count;
}

function byCount(a: Group, b: Group): number {
  return b.count - a.count || (a.value < b.value ? -1 : 1);
}
