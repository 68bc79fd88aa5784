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
    `{"action_taken":${action.json(record.action_taken)}` +
    (record.client_id === undefined ? '' : `,"client_id":${client.json(record.client_id)}`) +
    `,"contains_pii":${record.contains_pii}` +
    (duration === undefined ? '' : `,"duration_ms":${duration}`) +
    `,"event_type":${type.json(record.event_type)}` +
    `,"id":${quoted(record.id)}` +
    (record.ip === undefined ? '' : `,"ip":${ip.json(record.ip)}`) +
    (record.method === undefined ? '' : `,"method":${method.json(record.method)}`) +
    `,"outcome":${outcome.json(record.outcome)}` +
    `,"parameter_count":${record.parameter_count}` +
    (pii ? `,"pii":${canonical(pii)}` : '') +
    (record.policy === undefined ? '' : `,"policy":${policy.json(record.policy)}`) +
    `,"prev":"${record.prev}"` +
    `,"seq":${record.seq}` +
    (record.server === undefined ? '' : `,"server":${server.json(record.server)}`) +
    `,"timestamp":"${record.timestamp}"` +
    (record.tool_name === undefined ? '' : `,"tool_name":${tool.json(record.tool_name)}`) +
    `,"user_id":${user.json(record.user_id)}` +
    `,"v":${record.v}}`
  );
}

/** A member that is mostly what it was in the record before. */
class Repeated {
  #text = '';
  #json = '""';

  json(text: string): string {
    if (text !== this.#text) {
      this.#text = text;
      this.#json = quoted(text);
    }
    return this.#json;
  }
}

const action = new Repeated();
const client = new Repeated();
const type = new Repeated();
const ip = new Repeated();
const method = new Repeated();
const outcome = new Repeated();
const policy = new Repeated();
const server = new Repeated();
const tool = new Repeated();
const user = new Repeated();

/** Printable ASCII that needs no escapes. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
