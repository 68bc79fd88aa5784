import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Commune, Department, Kind, Origin, Region, Sort } from './commune.ts';
import { fold } from './fold.ts';
import { Ordered } from './ordered.ts';

/** France, in memory and in the orders in which it is asked for. */
export interface Territory {
  readonly origin: Origin;
  /** The communes of today. Relevance is population where there is no name to compare. */
  readonly orders: Readonly<Record<Sort, Ordered>>;
  /** By the code of today. Where a part has the code of the commune, this is the commune. */
  readonly byCode: ReadonlyMap<string, Commune>;
  /** The commune of today by a code that is gone. */
  readonly byFormerCode: ReadonlyMap<string, Commune>;
  /** Parts of communes that have a name of their own: what was a commune before a merger, and the districts of three cities. */
  readonly parts: readonly Commune[];
  readonly departments: readonly Department[];
  readonly regions: readonly Region[];
}

const PACKAGE = '@etalab/decoupage-administratif';

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['commune-actuelle', 'commune'],
  ['commune-deleguee', 'delegated_commune'],
  ['commune-associee', 'associated_commune'],
  ['arrondissement-municipal', 'municipal_district'],
]);

let loaded: Promise<Territory> | undefined;

/** Loads the data, once: 9 MB of JSON take a fraction of a second, and everything after that some milliseconds at most. */
export function territory(): Promise<Territory> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

/** What the JSON files of the package have in them, as far as it is used. */
interface Entry {
  readonly code: string;
  readonly nom: string;
  readonly chefLieu?: string;
  readonly region?: string;
  readonly departement?: string;
  readonly type?: string;
  readonly commune?: string;
  readonly codesPostaux?: readonly string[];
  readonly population?: number;
  readonly siren?: string;
  readonly anciensCodes?: readonly string[];
}

async function load(): Promise<Territory> {
  const { resolve } = createRequire(import.meta.url);
  const read = async <T>(path: string): Promise<T> =>
    JSON.parse(await readFile(resolve(`${PACKAGE}/${path}`), 'utf8')) as T;
  const [{ version }, communes, departements, regions] = await Promise.all([
    read<{ version: string }>('package.json'),
    read<Entry[]>('data/communes.json'),
    read<Entry[]>('data/departements.json'),
    read<Entry[]>('data/regions.json'),
  ]);
  return build(version, communes, departements, regions);
}

function build(
  version: string,
  communes: readonly Entry[],
  departements: readonly Entry[],
  regionEntries: readonly Entry[],
): Territory {
  const regions = regionEntries.map(({ code, nom, chefLieu = '' }) => ({
    code,
    name: nom,
    capital: chefLieu,
  }));
  const regionOf = byCode(regions);
  const departments = departements.map(({ code, nom, chefLieu = '', region = '' }) => ({
    code,
    name: nom,
    capital: chefLieu,
    region: known(regionOf, region),
  }));
  const departmentOf = byCode(departments);
  const all = communes.map((entry): Commune => {
    const department = known(departmentOf, entry.departement ?? '');
    const kind = known(KINDS, entry.type ?? '');
    return {
      code: entry.code,
      name: entry.nom,
      kind,
      folded: fold(entry.nom),
      department,
      region: known(regionOf, department.region.code),
      postalCodes: entry.codesPostaux ?? [],
      population: entry.population ?? null,
      siren: entry.siren ?? null,
      formerCodes: entry.anciensCodes ?? [],
      partOf: kind === 'commune' ? null : (entry.commune ?? entry.chefLieu ?? null),
    };
  });
  const parts = all.filter(({ kind }) => kind !== 'commune');
  const today = all.filter(({ kind }) => kind === 'commune');
  const largestFirst = new Ordered(today.toSorted((a, b) => (b.population ?? -1) - (a.population ?? -1)));
  return {
    origin: {
      name: `${PACKAGE} ${version}: INSEE, La Poste`,
      date: String(yearOf(version)),
      licence: 'Licence Ouverte (Open Licence) of Etalab',
    },
    orders: {
      relevance: largestFirst,
      population_desc: largestFirst,
      // Where nobody is counted is not the smallest commune.
      population_asc: new Ordered(
        today.toSorted((a, b) => (a.population ?? Infinity) - (b.population ?? Infinity)),
      ),
      name: new Ordered(today.toSorted((a, b) => (a.folded < b.folded ? -1 : Number(a.folded > b.folded)))),
    },
    // Later entries win: the communes.
    byCode: byCode([...parts, ...today]),
    byFormerCode: new Map(today.flatMap((each) => each.formerCodes.map((code) => [code, each] as const))),
    parts,
    departments,
    regions,
  };
}

/** The package counts years in its major version: 6 is that of 2026. */
function yearOf(version: string): number {
  return 2020 + Number.parseInt(version, 10);
}

function byCode<T extends { readonly code: string }>(entries: readonly T[]): Map<string, T> {
  return new Map(entries.map((each) => [each.code, each]));
}

function known<T>(map: ReadonlyMap<string, T>, key: string): T {
  const value = map.get(key);
  if (value === undefined) throw new Error(`the data of ${PACKAGE} names ${key} and does not have it`);
  return value;
}
