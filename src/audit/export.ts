import type { AuditRecord } from './event.ts';

/** The columns of a table of records. */
export const COLUMNS = [
  'timestamp',
  'seq',
  'event_type',
  'user_id',
  'client_id',
  'ip',
  'server',
  'method',
  'tool_name',
  'parameter_count',
  'outcome',
  'action_taken',
  'policy',
  'contains_pii',
  'pii',
  'duration_ms',
  'id',
  'hash',
] as const satisfies readonly (keyof AuditRecord)[];

/** A record as a line of CSV (RFC 4180). */
export function csvLine(record: AuditRecord): string {
  return `${COLUMNS.map((name) => field(record[name])).join(',')}\r\n`;
}

export const CSV_HEAD = `${COLUMNS.join(',')}\r\n`;

function field(value: AuditRecord[(typeof COLUMNS)[number]]): string {
  if (value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  // A spreadsheet takes what begins so for a formula, and runs it.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
