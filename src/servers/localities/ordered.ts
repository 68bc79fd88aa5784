import type { Commune, Division } from './commune.ts';

/** Communes in one order, with what finds some of them without a look at all. */
export class Ordered {
  readonly all: readonly Commune[];
  readonly #byRegion: ReadonlyMap<string, readonly Commune[]>;
  readonly #byDepartment: ReadonlyMap<string, readonly Commune[]>;
  /** All folded names, a line each: one search in a long text is faster than 35,000 in short ones. */
  readonly #names: string;
  /** Where the line of each begins. */
  readonly #starts: Uint32Array;

  constructor(communes: readonly Commune[]) {
    this.all = communes;
    this.#byRegion = grouped(communes, ({ region }) => region);
    this.#byDepartment = grouped(communes, ({ department }) => department);
    this.#names = communes.map(({ folded }) => folded).join('\n');
    this.#starts = new Uint32Array(communes.length);
    let start = 0;
    for (const [index, { folded }] of communes.entries()) {
      this.#starts[index] = start;
      start += folded.length + 1;
    }
  }

  /**
   * Those of a department or region, and with this in their name, of what is given.
   * @param name folded
   */
  among(
    department: Division | undefined,
    region: Division | undefined,
    name: string | undefined,
  ): readonly Commune[] {
    if (!department && !region) return name === undefined ? this.all : this.#named(name);
    const some =
      (department ? this.#byDepartment.get(department.code) : this.#byRegion.get(region?.code ?? '')) ?? [];
    return name === undefined ? some : some.filter(({ folded }) => folded.includes(name));
  }

  #named(name: string): Commune[] {
    const starts = this.#starts;
    const found: Commune[] = [];
    let at = this.#names.indexOf(name);
    for (const [index, commune] of this.all.entries()) {
      if (at === -1) break;
      const next = starts[index + 1] ?? Infinity;
      if (at >= next) continue;
      found.push(commune);
      at = this.#names.indexOf(name, next);
    }
    return found;
  }
}

function grouped(
  communes: readonly Commune[],
  divisionOf: (commune: Commune) => Division,
): ReadonlyMap<string, readonly Commune[]> {
  const groups = new Map<string, Commune[]>();
  for (const commune of communes) {
    const { code } = divisionOf(commune);
    const group = groups.get(code);
    if (group) group.push(commune);
    else groups.set(code, [commune]);
  }
  return groups;
}
