import { fold } from './fold.ts';
import type { Commune, Department, Region, Sort } from './commune.ts';
import type { Territory } from './territory.ts';

/** Which communes; everything that is given has to fit. */
export interface Query {
  readonly name?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly code?: string | undefined;
  readonly department?: Department | undefined;
  readonly region?: Region | undefined;
  readonly populationMin?: number | undefined;
  readonly populationMax?: number | undefined;
  readonly sort: Sort;
  readonly limit: number;
}

export interface Found {
  /** At most as many as the limit. */
  readonly communes: readonly Commune[];
  /** How many there are. */
  readonly total: number;
}

/**
 * Searches the embedded data, which is there in the order that is wanted: nothing is sorted.
 * Without a name, relevance is population.
 */
export function search({ orders }: Territory, query: Query): Found {
  const { sort, limit, department, region } = query;
  const name = query.name === undefined ? undefined : fold(query.name);
  const inOrder = orders[sort].among(department, region, name);
  if (isOrderAlone(query)) return { communes: inOrder.slice(0, limit), total: inOrder.length };
  // The best first: the name itself, its beginning, the beginning of a word in it, anything in it.
  const ranks: Commune[][] = [[], [], [], []];
  let total = 0;
  for (const commune of inOrder) {
    if (!fits(commune, query)) continue;
    total += 1;
    const bucket = ranks[name === undefined || sort !== 'relevance' ? 0 : rankOf(commune.folded, name)];
    if (bucket && bucket.length < limit) bucket.push(commune);
  }
  return { communes: ranks.flat().slice(0, limit), total };
}

/** Nothing is asked for that some communes have and others do not: all of them fit. */
function isOrderAlone(query: Query): boolean {
  const { name, postalCode, code, department, region, populationMin, populationMax } = query;
  return [name, postalCode, code, department, region, populationMin, populationMax].every(
    (wish) => wish === undefined,
  );
}

/** Everything but the name. */
export function fits(commune: Commune, query: Query): boolean {
  const { region, department, populationMin, populationMax, postalCode, code } = query;
  if (region && commune.region.code !== region.code) return false;
  if (department && commune.department.code !== department.code) return false;
  const { population } = commune;
  if (populationMin !== undefined && (population === null || population < populationMin)) return false;
  if (populationMax !== undefined && (population === null || population > populationMax)) return false;
  if (postalCode !== undefined && !commune.postalCodes.includes(postalCode)) return false;
  return code === undefined || commune.code === code;
}

/** How well a name fits that has this in it, 0 the best. Both folded. */
function rankOf(folded: string, name: string): 0 | 1 | 2 | 3 {
  if (folded.startsWith(name)) return folded.length === name.length ? 0 : 1;
  return folded.includes(` ${name}`) ? 2 : 3;
}
