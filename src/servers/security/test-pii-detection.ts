import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { GuardConfig } from '../../config/guard.ts';
import { DEFAULT_THRESHOLD } from '../../pii/entity.ts';
import { masked, replaceEntities } from '../../pii/operators.ts';
import { engineOf } from './engine.ts';
import type { Place } from './place.ts';
import { answer, looksOnly } from './tool.ts';

const inputSchema = z.strictObject({
  text: z.string().max(100_000).describe('What to search'),
  key: z
    .string()
    .max(200)
    .optional()
    .describe('The JSON key that the text would be the value of, such as "phone" or "주민번호"'),
  threshold: z.number().min(0).max(1).optional().describe('From 0 to 1. Default: that of the guard'),
  types: z.array(z.string()).max(100).optional().describe('Only these, such as EMAIL_ADDRESS. Default: all'),
});

const outputSchema = z.object({
  contains_pii: z.boolean(),
  entities: z.array(
    z.object({
      type: z.string(),
      start: z.int().describe('In UTF-16 units of the text'),
      end: z.int(),
      score: z.number().describe('How sure it is, from 0 to 1'),
    }),
  ),
  counts: z.record(z.string(), z.int()).describe('How many of each type'),
  masked: z.string().describe('The text with every find masked'),
  threshold: z.number(),
});

type Input = z.infer<typeof inputSchema>;

export function registerTestPiiDetection(server: McpServer, place: Place): void {
  const title = 'Try the detection of personal data';
  server.registerTool(
    'test_pii_detection',
    {
      title,
      description:
        'Searches a text for personal data and secrets with the engine and the patterns of the guard, and tells what was ' +
        'found, where, how sure it is, and what the text looks like masked.',
      inputSchema,
      outputSchema,
      annotations: looksOnly(title),
    },
    (input) => answer(() => detect(input, place.config()?.guard)),
  );
}

async function detect(
  { text, key, types, threshold: asked }: Input,
  guard: GuardConfig | undefined,
): Promise<z.infer<typeof outputSchema>> {
  const threshold = asked ?? guard?.threshold ?? DEFAULT_THRESHOLD;
  const found = (await engineOf(guard, threshold, types)).scan(text, key);
  const counts = new Map<string, number>();
  for (const { type } of found) counts.set(type, (counts.get(type) ?? 0) + 1);
  return {
    contains_pii: found.length > 0,
    entities: found.map(({ score, ...entity }) => ({ ...entity, score: Math.round(score * 100) / 100 })),
    counts: Object.fromEntries(counts),
    masked: replaceEntities(text, found, (_, value) => masked(value, 0)),
    threshold,
  };
}
