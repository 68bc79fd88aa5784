import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { alertRules } from '../../audit/alert-rules.ts';
import { type Alert, type AlertRule, Alerts } from '../../audit/alerts.ts';
import { Batch } from '../../audit/batch.ts';
import { START } from '../../audit/chain.ts';
import { ChainKey } from '../../audit/chain-key.ts';
import type { Place } from './place.ts';
import { type Scenario, SCENARIOS } from './scenarios.ts';
import { answer, looksOnly } from './tool.ts';

const NAMES = SCENARIOS.map(({ name }) => name);

const inputSchema = z.strictObject({
  scenarios: z.array(z.enum(NAMES)).min(1).optional().describe('Which ones. Default: all'),
  events: z.int().min(1).max(5000).default(200).describe('How many events of each'),
});

const outputSchema = z.object({
  scenarios: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      events: z.int().describe('How many were fed'),
      interval_ms: z.int().describe('How far they were apart'),
      detected: z.boolean(),
      alerts: z.array(
        z.object({
          rule: z.string(),
          after_events: z.int().describe('The event that made it fire for the first time'),
          after_seconds: z.number(),
          values: z.int().describe('Values of personal data that were found by then'),
          count: z.int().describe('What the rule had counted'),
          threshold: z.int(),
        }),
      ),
    }),
  ),
  detected: z.int().describe('Scenarios that at least one rule noticed'),
  silent_rules: z.array(z.string()).describe('Rules that none of these scenarios made fire'),
  configured: z.boolean().describe('Are these the rules of a log that is being written?'),
});

type Output = z.infer<typeof outputSchema>;

export function registerSimulateDataBreachDetection(server: McpServer, place: Place): void {
  const title = 'Simulate data breaches';
  server.registerTool(
    'simulate_data_breach_detection',
    {
      title,
      description:
        'Feeds made-up events to the alert rules of the configuration, in an instance of their own: nothing is recorded, ' +
        'and nobody is alarmed. Tells for each breach which rules fire, and after how many events.',
      inputSchema,
      outputSchema,
      annotations: looksOnly(title),
    },
    ({ scenarios, events }) =>
      answer(() => {
        const audit = place.config()?.audit;
        return simulate(alertRules(audit?.alerts ?? []), scenarios ?? NAMES, events, audit !== undefined);
      }),
  );
}

function simulate(
  rules: readonly AlertRule[],
  names: readonly string[],
  events: number,
  configured: boolean,
): Output {
  const scenarios = SCENARIOS.filter(({ name }) => names.includes(name)).map((scenario) =>
    play(scenario, rules, events),
  );
  const fired = new Set(scenarios.flatMap(({ alerts }) => alerts.map(({ rule }) => rule)));
  return {
    scenarios,
    detected: scenarios.filter(({ detected }) => detected).length,
    silent_rules: rules.map(({ name }) => name).filter((name) => !fired.has(name)),
    configured,
  };
}

/** One breach before rules that have seen nothing yet, and do not see the other ones. */
function play(
  { name, description, intervalMs, event }: Scenario,
  rules: readonly AlertRule[],
  events: number,
): Output['scenarios'][number] {
  const watching = new Alerts(rules);
  const batch = new Batch(new ChainKey(Buffer.alloc(32)), START);
  const start = Date.now();
  const first = new Map<string, { readonly alert: Alert; readonly values: number }>();
  let values = 0;
  for (let i = 0; i < events; i++) {
    const record = batch.add(event(i), start + i * intervalMs);
    for (const count of Object.values(record.pii ?? {})) values += count;
    for (const alert of watching.see(record))
      if (!first.has(alert.rule)) first.set(alert.rule, { alert, values });
  }
  return {
    name,
    description,
    events,
    interval_ms: intervalMs,
    detected: first.size > 0,
    alerts: [...first.values()].map(({ alert: { rule, seq, count, threshold }, values: found }) => ({
      rule,
      after_events: seq,
      after_seconds: ((seq - 1) * intervalMs) / 1000,
      values: found,
      count,
      threshold,
    })),
  };
}
