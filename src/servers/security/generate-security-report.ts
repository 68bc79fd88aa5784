import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { AuditPaths } from '../../audit/paths.ts';
import { parseFilter } from '../../audit/filter.ts';
import { readLog } from '../../audit/read.ts';
import { chainState, reportPage } from '../../audit/report.ts';
import { verdictOn } from '../../audit/state.ts';
import { summarise } from '../../audit/summary.ts';
import { SetupError } from '../../core/setup-error.ts';
import type { Place } from './place.ts';
import { answer, looksOnly } from './tool.ts';
import { weaknessesOf } from './weaknesses.ts';

const inputSchema = z.strictObject({
  filter: z
    .string()
    .max(1000)
    .default('since:7d')
    .describe(
      'Which records count, such as since:30d or user:alice. The chain is always verified as a whole',
    ),
});

const top = z.array(z.object({ value: z.string(), count: z.int() }));

const outputSchema = z.object({
  generated_at: z.string(),
  filter: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  volumes: z.object({
    records: z.int(),
    calls: z.int(),
    denied: z.int(),
    errors: z.int(),
    with_pii: z.int(),
  }),
  top_users: top,
  top_tools: top,
  pii_by_type: top,
  denials: top.describe('By reason or policy'),
  alerts: top.describe('By rule'),
  chain: z.object({ valid: z.boolean(), state: z.string(), records: z.int(), checkpoints: z.int() }),
  weaknesses: z
    .array(
      z.object({
        id: z.string(),
        severity: z.enum(['high', 'medium', 'low']),
        problem: z.string(),
        remedy: z.string(),
      }),
    )
    .nullable()
    .describe('Of the configuration; null where the server runs alone'),
  markdown: z.string().describe('The same as a page'),
});

type Output = z.infer<typeof outputSchema>;

export function registerGenerateSecurityReport(server: McpServer, place: Place): void {
  const title = 'Report on security';
  server.registerTool(
    'generate_security_report',
    {
      title,
      description:
        'Reports from the audit log and the configuration of the gateway: volumes, top users and tools, personal data by ' +
        'type, denials, alerts, whether the log is whole, and weaknesses of the configuration. As a page and as JSON. ' +
        'Needs the scope audit.read.',
      inputSchema,
      outputSchema,
      annotations: { ...looksOnly(title), idempotentHint: false },
    },
    ({ filter }) =>
      answer(
        () => report(filter, place),
        ({ markdown }) => markdown,
      ),
  );
}

async function report(filter: string, place: Place): Promise<Output> {
  const fits = parseFilter([filter]);
  const paths = await place.log();
  const summary = await summarise(readLog(paths.log, fits));
  const chain = await chainOf(paths);
  const config = place.config();
  const weaknesses = config ? weaknessesOf(config) : null;
  const { records, calls, denied, errors, withPii, from = null, to = null } = summary;
  return {
    generated_at: new Date().toISOString(),
    filter,
    from,
    to,
    volumes: { records, calls, denied, errors, with_pii: withPii },
    top_users: [...summary.users],
    top_tools: [...summary.tools],
    pii_by_type: [...summary.pii],
    denials: [...summary.denials],
    alerts: [...summary.alerts],
    chain,
    weaknesses,
    markdown: `${reportPage(summary, chain.state)}${weaknesses ? `\n${weaknessPage(weaknesses)}` : ''}`,
  };
}

/** Whether the log is whole. Nobody can say so of one whose keys are gone; the rest of the report is there all the same. */
async function chainOf(paths: AuditPaths): Promise<Output['chain']> {
  try {
    const verdict = await verdictOn(paths);
    const { problem, records, checkpoints } = verdict;
    return { valid: !problem, state: chainState(verdict), records, checkpoints };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return { valid: false, state: `not checked. ${error.message}`, records: 0, checkpoints: 0 };
  }
}

function weaknessPage(weaknesses: NonNullable<Output['weaknesses']>): string {
  const lines = weaknesses.map(({ severity, problem, remedy }) => `- **${severity}**: ${problem} ${remedy}`);
  return [
    '## Weaknesses of the configuration',
    '',
    ...(lines.length === 0 ? ['None found.'] : lines),
    '',
  ].join('\n');
}
