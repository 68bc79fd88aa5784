import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { findRegion } from './division.ts';
import { division, nameInput, plain, source } from './shapes.ts';
import type { Commune, Division } from './commune.ts';
import { territory } from './territory.ts';
import { answer, looksOnly } from './tool.ts';

const counts = {
  capital: z.string().describe('The commune where its prefecture is'),
  communes: z.int().describe('How many communes it has'),
  population: z.int().describe('Inhabitants'),
};

export function registerListRegions(server: McpServer): void {
  const title = 'List regions';
  server.registerTool(
    'list_regions',
    {
      title,
      description:
        'All regions of France and what is like one overseas: codes, names, capitals, how many communes and inhabitants.',
      inputSchema: z.strictObject({}),
      outputSchema: z.object({ regions: z.array(division.extend(counts)), source }),
      annotations: looksOnly(title),
    },
    () =>
      answer(async () => {
        const { regions, byCode, orders, origin } = await territory();
        const counted = count(orders.name.all, ({ region }) => region);
        return {
          regions: regions.map((region) => ({
            ...plain(region),
            capital: byCode.get(region.capital)?.name ?? '',
            ...(counted.get(region.code) ?? NOBODY),
          })),
          source: origin,
        };
      }),
  );
}

export function registerListDepartments(server: McpServer): void {
  const title = 'List departments';
  server.registerTool(
    'list_departments',
    {
      title,
      description:
        'The departments of France or of one region: codes, names, capitals, how many communes and inhabitants.',
      inputSchema: z.strictObject({
        region: nameInput.optional().describe('Only of this one, by code or name; also in English'),
      }),
      outputSchema: z.object({
        departments: z.array(division.extend({ region: division, ...counts })),
        source,
      }),
      annotations: looksOnly(title),
    },
    ({ region: text }) =>
      answer(async () => {
        const france = await territory();
        const region = text === undefined ? undefined : findRegion(france, text);
        const counted = count(france.orders.name.all, ({ department }) => department);
        return {
          departments: france.departments
            .filter((each) => region === undefined || each.region.code === region.code)
            .map((department) => ({
              ...plain(department),
              region: plain(department.region),
              capital: france.byCode.get(department.capital)?.name ?? '',
              ...(counted.get(department.code) ?? NOBODY),
            })),
          source: france.origin,
        };
      }),
  );
}

interface Counts {
  communes: number;
  population: number;
}

const NOBODY: Readonly<Counts> = { communes: 0, population: 0 };

/** Communes and inhabitants by the code of what they belong to. */
export function count(
  communes: readonly Commune[],
  divisionOf: (commune: Commune) => Division,
): Map<string, Counts> {
  const counted = new Map<string, Counts>();
  for (const commune of communes) {
    const { code } = divisionOf(commune);
    const sum = counted.get(code) ?? { communes: 0, population: 0 };
    sum.communes += 1;
    sum.population += commune.population ?? 0;
    counted.set(code, sum);
  }
  return counted;
}
