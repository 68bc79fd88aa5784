import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { findDepartment, findRegion } from './division.ts';
import { ToolFailure } from './failure.ts';
import { fold } from './fold.ts';
import type { Found } from './query.ts';
import { asOutput, communeCode, communeOutput, nameInput, source } from './shapes.ts';
import type { Source } from './source.ts';
import { SORTS } from './commune.ts';
import { type Territory, territory } from './territory.ts';
import { answer, looksOnly } from './tool.ts';

const inhabitants = z.int().min(0).max(100_000_000);

const inputSchema = z.strictObject({
  name: nameInput
    .optional()
    .describe('The name or a part of it; accents, hyphens and capitals do not matter, "st" is "saint"'),
  postal_code: z
    .string()
    .trim()
    .regex(/^\d{5}$/, 'A postal code has five digits: "35000".')
    .optional()
    .describe('Five digits, such as "35000"'),
  code: communeCode.optional().describe('The code of INSEE, such as "35238"'),
  department: nameInput.optional().describe('By code or name: "35", "2A", "Ille-et-Vilaine"'),
  region: nameInput.optional().describe('By code or name, also in English: "53", "Bretagne", "Brittany"'),
  population_min: inhabitants.optional().describe('At least so many inhabitants'),
  population_max: inhabitants.optional().describe('At most so many inhabitants'),
  sort: z
    .enum(SORTS)
    .default('relevance')
    .describe('relevance: the best name first, else the most inhabitants first'),
  limit: z.int().min(1).max(200).default(20).describe('How many to return'),
});

type Input = z.infer<typeof inputSchema>;

const outputSchema = z.object({
  communes: z.array(communeOutput),
  total: z.int().min(0).describe('How many there are; more than are here when truncated'),
  truncated: z.boolean(),
  note: z.string().nullable().describe('What to know about this answer'),
  source,
});

type Output = z.infer<typeof outputSchema>;

export function registerSearchCommunes(server: McpServer, from: Source): void {
  const title = 'Search communes';
  server.registerTool(
    'search_communes',
    {
      title,
      description:
        'Searches the communes (cities, towns and villages) of France by name, postal code, department, region and ' +
        'population. Everything that is given has to fit.',
      inputSchema,
      outputSchema,
      annotations: looksOnly(title, from.isRemote),
    },
    (input, { mcpReq: { signal } }) => answer(() => searchCommunes(input, from, signal)),
  );
}

async function searchCommunes(input: Input, from: Source, signal: AbortSignal): Promise<Output> {
  const { name, postal_code, code, population_min, population_max, sort, limit } = input;
  if (name !== undefined && fold(name) === '')
    throw new ToolFailure(`There is no letter in ${JSON.stringify(name)}.`);
  if (population_min !== undefined && population_max !== undefined && population_min > population_max)
    throw new ToolFailure('population_min is larger than population_max, which no commune can be.');
  const france = await territory();
  const query = {
    name,
    postalCode: postal_code,
    code,
    department: input.department === undefined ? undefined : findDepartment(france, input.department),
    region: input.region === undefined ? undefined : findRegion(france, input.region),
    populationMin: population_min,
    populationMax: population_max,
    sort,
    limit,
  };
  const { value, origin, note } = await from.search(query, signal);
  const truncated = value.total > value.communes.length;
  const notes = [
    note,
    truncated && `${value.communes.length} of ${value.total} are here: narrow the search, or raise limit.`,
    name !== undefined && partNote(france, name, value),
    value.total === 0 && 'No commune fits all of this: leave something out.',
  ].filter((each) => typeof each === 'string');
  return {
    communes: value.communes.map(asOutput),
    total: value.total,
    truncated,
    note: notes.join(' ') || null,
    source: origin,
  };
}

/** Whoever asks for what is no commune any more should know of which one it is a part. */
function partNote({ parts, byCode }: Territory, name: string, { communes }: Found): string | undefined {
  const wanted = fold(name);
  if (communes.some(({ folded }) => folded === wanted)) return undefined;
  const part = parts.find(({ folded }) => folded === wanted);
  const whole = byCode.get(part?.partOf ?? '');
  return (
    part && whole && `${part.name} (${part.code}) is a part of the commune ${whole.name} (${whole.code}).`
  );
}
