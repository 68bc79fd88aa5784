import type { AuditRecord } from './event.ts';
import { type Filter, parseFilter } from './filter.ts';

/** So many of one thing, by one user, within a time. */
export interface AlertRule {
  readonly name: string;
  /** Which records count, in the words of {@link parseFilter}. */
  readonly when: string;
  /** What is counted: records, or the values of personal data in them. */
  readonly count: 'events' | 'pii';
  /** Whose are counted together. */
  readonly per: 'user' | 'client' | 'ip' | 'all';
  /** It fires at this many … */
  readonly threshold: number;
  /** … within this many milliseconds. */
  readonly windowMs: number;
  /** Only outside of these hours (0 to 24, local time), where they are given. */
  readonly outsideHours?: readonly [from: number, to: number] | undefined;
  /** Fires only for a pair of client and tool that was not seen before. */
  readonly isFirst?: boolean | undefined;
}

/** A rule has fired. */
export interface Alert {
  readonly rule: string;
  /** The user, client or address, or `all`. */
  readonly subject: string;
  readonly count: number;
  readonly threshold: number;
  readonly windowMs: number;
  /** The number of the record that made it fire. */
  readonly seq: number;
  readonly timestamp: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What is worth a look anywhere. The configuration changes and adds to these by their names. */
export const DEFAULT_RULES: readonly AlertRule[] = [
  { name: 'pii-volume', when: 'pii:true', count: 'pii', per: 'user', threshold: 100, windowMs: HOUR },
  {
    name: 'denied-burst',
    when: 'outcome:denied',
    count: 'events',
    per: 'user',
    threshold: 10,
    windowMs: MINUTE,
  },
  {
    name: 'refusal-burst',
    when: 'event:refusal',
    count: 'events',
    per: 'ip',
    threshold: 20,
    windowMs: MINUTE,
  },
  {
    name: 'decrypt-burst',
    when: 'event:restore',
    count: 'events',
    per: 'user',
    threshold: 20,
    windowMs: 10 * MINUTE,
  },
  {
    name: 'repeated-rejects',
    when: 'action:rejected',
    count: 'events',
    per: 'user',
    threshold: 5,
    windowMs: 10 * MINUTE,
  },
];

/** Subjects of one rule that are remembered. An attacker may come from any number of addresses. */
const SUBJECTS = 10_000;

interface Window {
  /** Times and amounts, the oldest first. */
  readonly seen: { readonly at: number; readonly amount: number }[];
  sum: number;
  /** When it fired: it does so once in a window. */
  firedAt: number;
}

const NOTHING: readonly Alert[] = Object.freeze([]);

/** Watches the records of a log as they are written. */
export class Alerts {
  readonly #rules: readonly Watched[];

  constructor(rules: readonly AlertRule[]) {
    this.#rules = rules.map((rule) => ({
      rule,
      filter: parseFilter([rule.when]),
      windows: new Map(),
      pairs: new Set(),
    }));
  }

  /** Takes in what happened before: who used which tool is not new then. */
  learn(record: AuditRecord): void {
    for (const { rule, filter, pairs } of this.#rules)
      if (rule.isFirst && filter(record)) isNew(pairs, record);
  }

  /** @returns the rules that this record makes fire */
  see(record: AuditRecord): readonly Alert[] {
    // Its own words do not count, or an alert could set off the next one.
    if (record.event_type === 'alert') return NOTHING;
    let fired: Alert[] | undefined;
    for (const watched of this.#rules) {
      const alert = see(watched, record);
      if (alert) (fired ??= []).push(alert);
    }
    return fired ?? NOTHING;
  }
}

interface Watched {
  readonly rule: AlertRule;
  readonly filter: Filter;
  readonly windows: Map<string, Window>;
  /** The pairs of client and tool that were seen, for a rule about new ones. */
  readonly pairs: Set<string>;
}

function see({ rule, filter, windows, pairs }: Watched, record: AuditRecord): Alert | undefined {
  if (!filter(record)) return undefined;
  const at = Date.parse(record.timestamp);
  if (rule.outsideHours && isWithin(new Date(at), rule.outsideHours)) return undefined;
  if (rule.isFirst && !isNew(pairs, record)) return undefined;
  const subject = subjectOf(rule, record);
  const window = windows.get(subject) ?? { seen: [], sum: 0, firedAt: -Infinity };
  windows.delete(subject);
  windows.set(subject, window);
  // The one that was quiet longest makes room.
  if (windows.size > SUBJECTS)
    for (const oldest of windows.keys()) {
      windows.delete(oldest);
      break;
    }
  const amount = rule.count === 'pii' ? piiOf(record) : 1;
  window.seen.push({ at, amount });
  window.sum += amount;
  while (window.seen[0] && window.seen[0].at <= at - rule.windowMs)
    window.sum -= window.seen.shift()?.amount ?? 0;
  if (window.sum < rule.threshold || window.firedAt > at - rule.windowMs) return undefined;
  window.firedAt = at;
  const { name, threshold, windowMs } = rule;
  return {
    rule: name,
    subject,
    count: window.sum,
    threshold,
    windowMs,
    seq: record.seq,
    timestamp: record.timestamp,
  };
}

function subjectOf({ per }: AlertRule, record: AuditRecord): string {
  if (per === 'all') return 'all';
  const subject = { user: record.user_id, client: record.client_id, ip: record.ip }[per];
  return subject ?? 'unknown';
}

function isNew(pairs: Set<string>, record: AuditRecord): boolean {
  const pair = JSON.stringify([record.client_id, record.tool_name]);
  if (pairs.has(pair) || pairs.size >= SUBJECTS) return false;
  pairs.add(pair);
  return true;
}

function piiOf({ pii = {} }: AuditRecord): number {
  return Object.values(pii).reduce((sum, count) => sum + count, 0);
}

/** From 22 to 6 is over midnight. */
function isWithin(time: Date, [from, to]: readonly [number, number]): boolean {
  const hour = time.getHours() + time.getMinutes() / 60;
  return from <= to ? hour >= from && hour < to : hour >= from || hour < to;
}
