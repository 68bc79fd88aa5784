import { canonical } from '../core/canonical.ts';
import type { AuditRecord } from './event.ts';

/** A record that has no hash yet. */
export type Unhashed = Omit<AuditRecord, 'hash'>;

/**
 * The canonical JSON of a record (see core/canonical.ts): the members in the order of their names. It is put together
 * by hand since it is written for every call, and most of it was the same in the call before.
 */
export function recordText(record: Unhashed): string {
  const { pii, duration_ms: duration } = record;
  return (
    `{"action_taken":${quoted(record.action_taken)}` +
    member('client_id', record.client_id) +
    `,"contains_pii":${record.contains_pii}` +
    (duration === undefined ? '' : `,"duration_ms":${duration}`) +
    `,"event_type":${quoted(record.event_type)}` +
    `,"id":${quoted(record.id)}` +
    member('ip', record.ip) +
    member('method', record.method) +
    `,"outcome":${quoted(record.outcome)}` +
    `,"parameter_count":${record.parameter_count}` +
    (pii ? `,"pii":${canonical(pii)}` : '') +
    member('policy', record.policy) +
    `,"prev":"${record.prev}"` +
    `,"seq":${record.seq}` +
    member('server', record.server) +
    `,"timestamp":"${record.timestamp}"` +
    member('tool_name', record.tool_name) +
    `,"user_id":${quoted(record.user_id)}` +
    `,"v":${record.v}}`
  );
}

function member(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${quoted(value)}`;
}

/** Names of people, servers and tools are few, and come again and again. */
const KNOWN = new Map<string, string>();
const MOST_KNOWN = 1000;
const LONGEST_KNOWN = 200;
/** What needs no escapes. Ids of calls are such, and each comes once. */
const PLAIN = /^[\w-]*$/;

function quoted(text: string): string {
  const known = KNOWN.get(text);
  if (known !== undefined) return known;
  if (PLAIN.test(text)) return `"${text}"`;
  const json = JSON.stringify(text);
  if (KNOWN.size < MOST_KNOWN && text.length <= LONGEST_KNOWN) KNOWN.set(text, json);
  return json;
}
