import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { ToolFailure } from './failure.ts';
import { asOutput, communeCode, communeOutput, division, source } from './shapes.ts';
import type { Source } from './source.ts';
import { territory } from './territory.ts';
import { answer, looksOnly } from './tool.ts';

const inputSchema = z.strictObject({
  code: communeCode.describe('The code of INSEE, such as "35238"; search_communes tells it'),
});

const outputSchema = z.object({
  commune: communeOutput.extend({
    kind: z
      .enum(['commune', 'delegated_commune', 'associated_commune', 'municipal_district'])
      .describe('A commune, or a part of one that has a code of its own'),
    part_of: division.nullable().describe('The commune that it is a part of; null for a commune'),
    parts: z
      .array(division)
      .describe('Communes that were merged into it, and the districts of Paris, Lyon, Marseille'),
    capital_of: z.array(z.string()).describe('The department and region whose capital it is'),
    siren: z.string().nullable().describe('The number of the commune in the register of organizations'),
  }),
  note: z.string().nullable().describe('What to know about this answer'),
  source,
});

type Output = z.infer<typeof outputSchema>;

export function registerGetCommune(server: McpServer, from: Source): void {
  const title = 'Look up a commune';
  server.registerTool(
    'get_commune',
    {
      title,
      description:
        'Tells of one commune of France, by its code of INSEE: name, postal codes, department, region, population, and what ' +
        'was merged into it. Codes that are gone lead to the commune of today.',
      inputSchema,
      outputSchema,
      annotations: looksOnly(title, from.isRemote),
    },
    ({ code }, { mcpReq: { signal } }) => answer(() => getCommune(code, from, signal)),
  );
}

async function getCommune(code: string, from: Source, signal: AbortSignal): Promise<Output> {
  const { value: commune, origin, note } = await from.get(code, signal);
  if (!commune)
    throw new ToolFailure(
      `There is no commune with the code ${code}. If that is a postal code, give it to search_communes as postal_code.`,
    );
  const { parts, byCode } = await territory();
  const whole = commune.partOf === null ? undefined : byCode.get(commune.partOf);
  const { department, region } = commune;
  const moved =
    commune.code === code ? undefined : `${code} is a code that is gone: it is ${commune.code} now.`;
  return {
    commune: {
      ...asOutput(commune),
      kind: commune.kind,
      part_of: whole ? { code: whole.code, name: whole.name } : null,
      parts: parts
        .filter(({ partOf, name }) => partOf === commune.code && name !== commune.name)
        .map((part) => ({ code: part.code, name: part.name })),
      capital_of: [department, region]
        .filter(({ capital }) => capital === commune.code)
        .map(({ name }) => name),
      siren: commune.siren,
    },
    note: [moved, note].filter((each) => each !== undefined).join(' ') || null,
    source: origin,
  };
}
