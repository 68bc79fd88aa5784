import type { AuditRecord } from './event.ts';

/** What can be counted by. */
export const FIELDS = [
  'user',
  'client',
  'tool',
  'server',
  'method',
  'outcome',
  'action',
  'policy',
  'ip',
  'pii',
] as const;
export type Field = (typeof FIELDS)[number];

/** How often each value of a field occurs, the most frequent first. For `pii`: how many values of each type. */
export class Counter {
  readonly #counts = new Map<string, number>();
  readonly #field: Field;

  constructor(field: Field) {
    this.#field = field;
  }

  see(record: AuditRecord): void {
    if (this.#field === 'pii') {
      for (const [type, count] of Object.entries(record.pii ?? {})) this.#add(type, count);
      return;
    }
    const value = valueOf(record, this.#field);
    if (value !== undefined) this.#add(value, 1);
  }

  top(most = Infinity): { readonly value: string; readonly count: number }[] {
    return [...this.#counts]
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
      .slice(0, most);
  }

  #add(value: string, count: number): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + count);
  }
}

function valueOf(record: AuditRecord, field: Exclude<Field, 'pii'>): string | undefined {
  return {
    user: record.user_id,
    client: record.client_id,
    tool: record.tool_name,
    server: record.server,
    method: record.method,
    outcome: record.outcome,
    action: record.action_taken,
    policy: record.policy,
    ip: record.ip,
  }[field];
}

/** A log in a page. */
export interface Summary {
  readonly records: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly calls: number;
  readonly denied: number;
  readonly errors: number;
  readonly withPii: number;
  readonly users: Top;
  readonly tools: Top;
  readonly pii: Top;
  readonly denials: Top;
  readonly alerts: Top;
}

type Top = readonly { readonly value: string; readonly count: number }[];

const MOST = 10;

export async function summarise(
  records: AsyncIterable<AuditRecord> | Iterable<AuditRecord>,
): Promise<Summary> {
  const [users, tools, pii] = [new Counter('user'), new Counter('tool'), new Counter('pii')];
  const [denials, alerts] = [new Counter('policy'), new Counter('policy')];
  const totals = { records: 0, calls: 0, denied: 0, errors: 0, withPii: 0 };
  let from: string | undefined;
  let to: string | undefined;
  for await (const record of records) {
    totals.records += 1;
    from ??= record.timestamp;
    to = record.timestamp;
    if (record.event_type === 'alert') alerts.see(record);
    if (record.method === undefined) continue;
    totals.calls += 1;
    if (record.outcome === 'denied') totals.denied += 1;
    if (record.outcome === 'denied') denials.see(record);
    if (record.outcome === 'error') totals.errors += 1;
    if (record.contains_pii) totals.withPii += 1;
    for (const counter of [users, tools, pii]) counter.see(record);
  }
  return {
    ...totals,
    from,
    to,
    users: users.top(MOST),
    tools: tools.top(MOST),
    pii: pii.top(MOST),
    denials: denials.top(MOST),
    alerts: alerts.top(MOST),
  };
}
