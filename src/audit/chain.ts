import { timingSafeEqual } from 'node:crypto';
import { canonical } from '../core/canonical.ts';
import { isObject } from '../core/json.ts';
import type { ChainKey } from './chain-key.ts';
import { type AuditRecord, RECORD_VERSION } from './event.ts';

/** Before the first record there is none. */
export const GENESIS = '0'.repeat(64);

/** The end of a chain: what the next record continues. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

export const START: Head = { seq: 0, hash: GENESIS };

/** Control characters, line separators, and what turns the direction of text around: a log is read on terminals. */
// These are the very characters that it is about.
const UNSAFE = /[\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** A record as one line. JSON itself escapes what lies below U+0020. */
export function lineOf(record: AuditRecord): string {
  return safe(`${JSON.stringify(record)}\n`);
}

/** A text with escapes for them; the very same where there is none. */
export function safe(line: string): string {
  // ASCII has one of these characters, and nearly every line is ASCII.
  if (Buffer.byteLength(line) === line.length && !line.includes('\u007f')) return line;
  return line.replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * The record that a line holds, if it belongs behind `head`.
 * @returns a sentence on what is wrong with it otherwise
 */
export function verified(line: string, head: Head, key: ChainKey): AuditRecord | string {
  const record = readRecord(line);
  if (!record) return 'it is no record';
  const { hash, ...content } = record;
  // It came out of JSON.
  if (!isSame(hash, key.hmac(canonical(content)))) return 'it was changed, or written with another key';
  if (record.seq !== head.seq + 1)
    return `it has the number ${record.seq}, and ${head.seq + 1} was to come: records were taken out, put in or moved`;
  if (record.prev !== head.hash) return 'it does not continue the record before it';
  return record;
}

/** A line as a record, its form checked but not its hash. */
export function readRecord(line: string): AuditRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { v, seq, timestamp, prev, hash, event_type: type, user_id: user } = value;
  const hasForm =
    v === RECORD_VERSION &&
    Number.isSafeInteger(seq) &&
    [timestamp, prev, hash, type, user].every((member) => typeof member === 'string');
  // Every member that is relied on was looked at on the line above.
  return hasForm ? (value as unknown as AuditRecord) : undefined;
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
