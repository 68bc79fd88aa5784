import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { AuditRecord } from '../../audit/event.ts';
import { parseFilter } from '../../audit/filter.ts';
import { readLog } from '../../audit/read.ts';
import type { Place } from './place.ts';
import { answer, looksOnly } from './tool.ts';

const inputSchema = z.strictObject({
  filter: z
    .string()
    .max(1000)
    .default('')
    .describe(
      'Words such as user:alice tool:net__* outcome:denied since:1h pii:true, with blanks between them; all have to fit. Default: everything',
    ),
  limit: z.int().min(1).max(500).default(50).describe('How many records, of those that fit the youngest'),
});

const name = z.string().optional();

const recordSchema = z.object({
  v: z.int(),
  seq: z.int(),
  timestamp: z.string(),
  event_type: z.string(),
  id: z.string(),
  user_id: z.string(),
  client_id: name,
  ip: name,
  server: name,
  method: name,
  tool_name: name,
  parameter_count: z.int(),
  outcome: z.string(),
  action_taken: z.string(),
  policy: name,
  contains_pii: z.boolean(),
  pii: z.record(z.string(), z.int()).optional().describe('How many values of each type'),
  duration_ms: z.number().optional(),
});

const outputSchema = z.object({
  records: z.array(recordSchema).describe('The oldest first'),
  matching: z.int().describe('How many records fit, with those that are not shown'),
});

type Input = z.infer<typeof inputSchema>;
type Output = z.infer<typeof outputSchema>;

export function registerGetSecurityAuditLog(server: McpServer, place: Place): void {
  const title = 'Read the audit log';
  server.registerTool(
    'get_security_audit_log',
    {
      title,
      description:
        'Reads the audit log of the gateway: who called what, when, from where, how it went, and how much personal data ' +
        'was found. It holds no arguments, results or other values. Needs the scope audit.read.',
      inputSchema,
      outputSchema,
      annotations: { ...looksOnly(title), idempotentHint: false },
    },
    (input) => answer(() => search(input, place)),
  );
}

async function search({ filter, limit }: Input, place: Place): Promise<Output> {
  const fits = parseFilter([filter]);
  const { log } = await place.log();
  const kept: AuditRecord[] = [];
  let matching = 0;
  for await (const record of readLog(log, fits)) {
    matching += 1;
    if (kept.push(record) > limit) kept.shift();
  }
  return { records: kept.map((record) => recordSchema.parse(record)), matching };
}
