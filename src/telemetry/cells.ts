/** A counter of one set of labels. What happens at every call adds to a number and nothing else. */
export interface Cell {
  readonly labels: Readonly<Record<string, string>>;
  value: number;
}

/** The cells of one counter. The library gets to see them when somebody scrapes. */
export class Cells {
  readonly #cells = new Map<string, Cell>();

  /** The one place of these labels. To find it costs more than to add to it: whoever counts often keeps it. */
  of(labels: Cell['labels']): Cell {
    const key = keyOf(labels);
    const cell = this.#cells.get(key) ?? { labels, value: 0 };
    this.#cells.set(key, cell);
    return cell;
  }

  all(): Iterable<Cell> {
    return this.#cells.values();
  }

  clear(): void {
    this.#cells.clear();
  }
}

/** Seconds, from a tool that answers at once to one that works for minutes. */
const BOUNDS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** The times of one set of labels. */
export class Times {
  readonly labels: Cell['labels'];
  readonly #counts: number[] = BOUNDS.map(() => 0);
  #sum = 0;
  #count = 0;

  constructor(labels: Cell['labels']) {
    this.labels = labels;
  }

  /** @param seconds that something took */
  add(seconds: number): void {
    this.#sum += seconds;
    this.#count += 1;
    // Most are in the first few.
    let i = 0;
    while (i < BOUNDS.length && seconds > (BOUNDS[i] ?? 0)) i += 1;
    if (i < BOUNDS.length) this.#counts[i] = (this.#counts[i] ?? 0) + 1;
  }

  /** The samples as the library writes them: a bucket holds what is in the ones before it, too. */
  samples(name: string): Sample[] {
    const { labels } = this;
    let sum = 0;
    const buckets = BOUNDS.map((le, i) => {
      sum += this.#counts[i] ?? 0;
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: sum };
    });
    return [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: this.#count },
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: this.#count },
    ];
  }
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** The times of one histogram, by their labels. */
export class TimeCells {
  readonly #times = new Map<string, Times>();

  of(labels: Cell['labels']): Times {
    const key = keyOf(labels);
    const times = this.#times.get(key) ?? new Times(labels);
    this.#times.set(key, times);
    return times;
  }

  samples(name: string): Sample[] {
    return [...this.#times.values()].flatMap((times) => times.samples(name));
  }
}

/** @param labels always in the order in which whoever counts writes them */
function keyOf(labels: Cell['labels']): string {
  return JSON.stringify(Object.entries(labels));
}
