import { fits, type Found, type Query } from './query.ts';
import { fold } from './fold.ts';
import type { Source, Sourced } from './source.ts';
import type { Commune, Origin, Sort } from './commune.ts';
import { territory } from './territory.ts';
import { communesOf, localityAnswer } from './trusty-answer.ts';
import { ApiFailure, asking, type TrustyDataOptions } from './trusty-request.ts';

/** What the API gives at once, at most. */
const MOST_LOCALITIES = 1000;

/**
 * The TrustyData API: `GET /locality/search` with a Bearer key.
 * @param instead what answers where the API cannot; the answer then says so
 */
export function trustyData(options: TrustyDataOptions, instead: Source): Source {
  const ask = asking(options);

  /** All communes that fit, in the order of the API. */
  async function find(query: Query, signal: AbortSignal): Promise<Commune[]> {
    const answer = await ask('/locality/search', parametersOf(query), signal);
    const { data } = localityAnswer.safeParse(answer);
    if (!data || (data.status !== 'OK' && data.choices.length > 0))
      throw new ApiFailure('TrustyData answered with something that is not understood');
    if (data.choices.length >= MOST_LOCALITIES)
      throw new ApiFailure(`TrustyData tells of ${MOST_LOCALITIES} localities at most, and more fit`);
    const found = communesOf(data.choices, await territory());
    return found.filter((commune) => fits(commune, query));
  }

  async function orElse<T>(
    work: () => Promise<T>,
    other: () => Promise<Sourced<T>>,
    signal: AbortSignal,
  ): Promise<Sourced<T>> {
    try {
      return { value: await work(), origin: originOf(options.baseUrl) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ApiFailure)) throw error;
      const answer = await other();
      return { ...answer, note: `${error.message}, so this is the embedded data of ${answer.origin.date}.` };
    }
  }

  return {
    isRemote: true,
    search: (query, signal) =>
      orElse(
        async () => {
          const named = query.code === undefined ? query : await namedAs(query, query.code);
          return named ? cut(await find(named, signal), query) : { communes: [], total: 0 };
        },
        () => instead.search(query, signal),
        signal,
      ),
    // The API is asked by name: it takes no code.
    get: (code, signal) =>
      orElse(
        async () => {
          const { value: known } = await instead.get(code, signal);
          if (known?.kind !== 'commune') return known;
          const query = { name: known.name, department: known.department, code: known.code };
          const [found] = await find({ ...query, sort: 'relevance', limit: 1 }, signal);
          return found ?? known;
        },
        () => instead.get(code, signal),
        signal,
      ),
  };
}

/** The API is asked by name: the name that goes with the code; undefined when there is none. */
async function namedAs(query: Query, code: string): Promise<Query | undefined> {
  const { byCode } = await territory();
  const known = byCode.get(code);
  if (!known) return undefined;
  const isNamed = query.name === undefined || known.folded.includes(fold(query.name));
  return isNamed
    ? { ...query, name: known.name, department: query.department ?? known.department }
    : undefined;
}

function parametersOf(query: Query): URLSearchParams {
  const { name, postalCode, department, region, populationMin, populationMax } = query;
  const parameters = {
    q: name,
    postal_code: postalCode,
    department_code: department?.code,
    region_code: region?.code,
    population_min: populationMin,
    population_max: populationMax,
    limit: MOST_LOCALITIES,
    details: true,
  };
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters))
    if (value !== undefined) search.set(key, value.toString());
  return search;
}

/** As the caller wants it. With a name, relevance is the order of the API, which also forgives slips of the finger. */
function cut(communes: readonly Commune[], { sort, name, limit }: Query): Found {
  const isInOrder = sort === 'relevance' && name !== undefined;
  const sorted = isInOrder ? communes : communes.toSorted(ORDERS[sort]);
  return { communes: sorted.slice(0, limit), total: communes.length };
}

const ORDERS: Readonly<Record<Sort, (a: Commune, b: Commune) => number>> = {
  relevance: (a, b) => people(b) - people(a),
  population_desc: (a, b) => people(b) - people(a),
  population_asc: (a, b) => people(a) - people(b),
  name: (a, b) => a.folded.localeCompare(b.folded),
};

function people({ population }: Commune): number {
  return population ?? -1;
}

function originOf(baseUrl: string): Origin {
  return {
    name: `TrustyData API at ${new URL(baseUrl).host}: INSEE, La Poste`,
    date: new Date().toISOString().slice(0, 10),
    licence: 'as your contract with TrustyData says',
  };
}
