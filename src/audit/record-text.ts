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
    action.member(record.action_taken) +
    client.member(record.client_id) +
    (record.contains_pii ? ',"contains_pii":true' : ',"contains_pii":false') +
    (duration === undefined ? '' : `,"duration_ms":${duration}`) +
    type.member(record.event_type) +
    `,"id":${quoted(record.id)}` +
    ip.member(record.ip) +
    method.member(record.method) +
    outcome.member(record.outcome) +
    `,"parameter_count":${record.parameter_count}` +
    (pii ? `,"pii":${canonical(pii)}` : '') +
    policy.member(record.policy) +
    `,"prev":"${record.prev}","seq":${record.seq}` +
    server.member(record.server) +
    timestamp.member(record.timestamp) +
    tool.member(record.tool_name) +
    user.member(record.user_id) +
    `,"v":${record.v}}`
  );
}

/** A member that is mostly what it was in the record before. */
class Repeated {
  readonly #before: string;
  #value: string | undefined;
  #text = '';

  /** @param before what stands before the value */
  constructor(before: string) {
    this.#before = before;
  }

  /** Nothing, where there is no value. */
  member(value: string | undefined): string {
    if (value !== this.#value) {
      this.#value = value;
      this.#text = value === undefined ? '' : this.#before + quoted(value);
    }
    return this.#text;
  }
}

const action = new Repeated('{"action_taken":');
const client = new Repeated(',"client_id":');
const type = new Repeated(',"event_type":');
const ip = new Repeated(',"ip":');
const method = new Repeated(',"method":');
const outcome = new Repeated(',"outcome":');
const policy = new Repeated(',"policy":');
const server = new Repeated(',"server":');
const timestamp = new Repeated(',"timestamp":');
const tool = new Repeated(',"tool_name":');
const user = new Repeated(',"user_id":');

/** Printable ASCII that needs no escapes. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
