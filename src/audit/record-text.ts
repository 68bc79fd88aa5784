import { canonical } from '../core/canonical.ts';
import type { AuditRecord } from './event.ts';

/** A record that has no hash yet. */
export type Unhashed = Omit<AuditRecord, 'hash'>;

/**
 * The canonical JSON of a record (see core/canonical.ts): the members in the order of their names. It is put together
 * by hand since it is written for every call, and most of it was the same in the call before.
 */
export function recordText(record: Unhashed): string {
  const { duration_ms: duration } = record;
  return (
    opening.of(record) +
    (duration === undefined ? '' : `,"duration_ms":${duration}`) +
    kind.of(record) +
    quoted(record.id) +
    middle.of(record) +
    record.prev +
    `","seq":${record.seq}` +
    closing.of(record)
  );
}

/** A row of members that are mostly what they were in the record before. */
class Repeated {
  readonly #isSame: (record: Unhashed, before: Unhashed) => boolean;
  readonly #write: (record: Unhashed) => readonly string[];
  #before: Unhashed | undefined;
  #text = '';

  constructor(
    isSame: (record: Unhashed, before: Unhashed) => boolean,
    write: (record: Unhashed) => readonly string[],
  ) {
    this.#isSame = isSame;
    this.#write = write;
  }

  of(record: Unhashed): string {
    if (this.#before === undefined || !this.#isSame(record, this.#before)) {
      // Joined, it lies in one piece, and can be copied as one.
      this.#text = this.#write(record).join('');
      this.#before = record;
    }
    return this.#text;
  }
}

const opening = new Repeated(
  (a, b) =>
    a.action_taken === b.action_taken && a.client_id === b.client_id && a.contains_pii === b.contains_pii,
  (record) => [
    `{"action_taken":${quoted(record.action_taken)}`,
    member('client_id', record.client_id),
    `,"contains_pii":${record.contains_pii}`,
  ],
);

const kind = new Repeated(
  (a, b) => a.event_type === b.event_type,
  (record) => [`,"event_type":${quoted(record.event_type)},"id":`],
);

const middle = new Repeated(
  (a, b) =>
    a.ip === b.ip &&
    a.method === b.method &&
    a.outcome === b.outcome &&
    a.parameter_count === b.parameter_count &&
    a.pii === b.pii &&
    a.policy === b.policy,
  (record) => [
    member('ip', record.ip),
    member('method', record.method),
    member('outcome', record.outcome),
    `,"parameter_count":${record.parameter_count}`,
    record.pii === undefined ? '' : `,"pii":${canonical(record.pii)}`,
    member('policy', record.policy),
    ',"prev":"',
  ],
);

const closing = new Repeated(
  (a, b) =>
    a.server === b.server &&
    a.timestamp === b.timestamp &&
    a.tool_name === b.tool_name &&
    a.user_id === b.user_id &&
    a.v === b.v,
  (record) => [
    member('server', record.server),
    member('timestamp', record.timestamp),
    member('tool_name', record.tool_name),
    member('user_id', record.user_id),
    `,"v":${record.v}}`,
  ],
);

/** Nothing, where there is no value. */
function member(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${quoted(value)}`;
}

/** Printable ASCII that needs no escapes. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
