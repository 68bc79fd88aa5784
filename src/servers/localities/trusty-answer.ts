import { z } from 'zod';
import { fold } from './fold.ts';
import type { Commune } from './commune.ts';
import type { Territory } from './territory.ts';

const division = z.object({ id: z.coerce.string() });
const population = z.object({
  periode: z.coerce.string(),
  municipale: z.number().int().nullish(),
  totale: z.number().int().nullish(),
});

const choice = z.object({
  nom_commune: z.string().max(200),
  code_postal: z.union([z.string(), z.array(z.string())]).nullish(),
  cog: z.object({ insee: z.string().max(5) }),
  population: z.array(population).nullish(),
  departement: division.nullish(),
});

/** What `/locality/search` answers with, as far as it is used. */
export const localityAnswer = z.object({
  status: z.string(),
  count: z.number().int(),
  choices: z.array(choice).default([]),
});

type Choice = z.infer<typeof choice>;

/**
 * The communes in an answer, in its order. The API has an entry for each postal code; what it does not tell is as in the
 * embedded data. Entries that are in no department of France are left out.
 */
export function communesOf(choices: readonly Choice[], france: Territory): Commune[] {
  const communes = new Map<string, Commune>();
  for (const each of choices) {
    const { insee } = each.cog;
    const before = communes.get(insee) ?? france.byCode.get(insee) ?? newCommune(each, france);
    if (!before) continue;
    communes.set(insee, {
      ...before,
      name: each.nom_commune,
      folded: fold(each.nom_commune),
      population: latest(each) ?? before.population,
      postalCodes: [...new Set([...before.postalCodes, ...[each.code_postal ?? []].flat()])],
    });
  }
  return [...communes.values()];
}

/** A commune that is younger than the embedded data. */
function newCommune({ nom_commune, cog, departement }: Choice, france: Territory): Commune | undefined {
  const department = france.departments.find(({ code }) => code === departement?.id);
  const region = france.regions.find(({ code }) => code === department?.region.code);
  if (!department || !region) return undefined;
  return {
    code: cog.insee,
    name: nom_commune,
    kind: 'commune',
    folded: fold(nom_commune),
    department,
    region,
    postalCodes: [],
    population: null,
    siren: null,
    formerCodes: [],
    partOf: null,
  };
}

/** The inhabitants that the law counts, of the latest census. */
function latest({ population: counts }: Choice): number | undefined {
  const last = counts?.toSorted((a, b) => b.periode.localeCompare(a.periode))[0];
  return last?.municipale ?? last?.totale ?? undefined;
}
