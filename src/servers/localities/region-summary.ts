import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { findRegion } from './division.ts';
import { count } from './list-divisions.ts';
import { division, nameInput, plain, source } from './shapes.ts';
import { territory } from './territory.ts';
import { answer, looksOnly } from './tool.ts';

const inputSchema = z.strictObject({
  region: nameInput.describe('By code or name, also in English: "53", "Bretagne", "Brittany"'),
  largest: z.int().min(1).max(50).default(10).describe('How many of its largest communes to name'),
});

const people = z.int().describe('Inhabitants');

const outputSchema = z.object({
  region: division,
  capital: z.string().describe('The commune where its prefecture is'),
  population: people,
  communes: z.int().describe('How many communes it has'),
  departments: z.array(division.extend({ communes: z.int(), population: people })),
  largest: z.array(division.extend({ population: people.nullable() })).describe('Its largest communes'),
  by_size: z
    .array(z.object({ from: z.int(), to: z.int().nullable(), communes: z.int(), population: people }))
    .describe('How many communes have from so many to fewer than so many inhabitants'),
  source,
});

type Output = z.infer<typeof outputSchema>;

/** What people say when they mean a village, a town, a city. */
const SIZES = [0, 500, 2000, 10_000, 50_000, 100_000];

export function registerRegionSummary(server: McpServer): void {
  const title = 'Sum up a region';
  server.registerTool(
    'region_summary',
    {
      title,
      description:
        'Sums up a region of France: population, departments, its largest communes, and how many there are of each size.',
      inputSchema,
      outputSchema,
      annotations: looksOnly(title),
    },
    ({ region, largest }) => answer(() => regionSummary(region, largest)),
  );
}

async function regionSummary(text: string, largest: number): Promise<Output> {
  const france = await territory();
  const region = findRegion(france, text);
  const communes = france.orders.population_desc.among(undefined, region, undefined);
  const sum = (some: typeof communes): number =>
    some.reduce((total, { population }) => total + (population ?? 0), 0);
  const counted = count(communes, ({ department }) => department);
  return {
    region: plain(region),
    capital: france.byCode.get(region.capital)?.name ?? '',
    population: sum(communes),
    communes: communes.length,
    departments: france.departments
      .filter((department) => department.region.code === region.code)
      .map((department) => ({
        ...plain(department),
        ...(counted.get(department.code) ?? { communes: 0, population: 0 }),
      })),
    largest: communes.slice(0, largest).map(({ code, name, population }) => ({ code, name, population })),
    by_size: SIZES.map((from, index) => {
      const to = SIZES[index + 1] ?? null;
      const some = communes.filter(
        ({ population }) => population !== null && population >= from && (to === null || population < to),
      );
      return { from, to, communes: some.length, population: sum(some) };
    }),
    source: france.origin,
  };
}
