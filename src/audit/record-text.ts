import { canonical } from '../core/canonical.ts';
import type { AuditRecord } from './event.ts';

/** A record that has no hash yet. */
export type Unhashed = Omit<AuditRecord, 'hash'>;

/** Longer parts than this are left to others, and longer numbers and ids. */
const LONGEST_PART = 900;
const LONGEST = 128;
/** For four parts, and what stands between them: a duration, an id, a hash and a number. */
const ROOM = 4 * LONGEST_PART + 4 * LONGEST;

/**
 * The canonical JSON of records (see core/canonical.ts: the members in the order of their names), in bytes, behind what is
 * hashed before them. It is put together by hand since this is done for every call, and most of it was the same in the
 * call before.
 */
export class RecordText {
  readonly #bytes: Buffer;
  readonly #begin: number;
  #end: number;
  #hashed: Buffer;
  #before: Unhashed | undefined;
  readonly #opening = new Part();
  readonly #kind = new Part();
  readonly #middle = new Part();
  readonly #closing = new Part();

  /** @param pad what is hashed before each text */
  constructor(pad: Uint8Array) {
    this.#bytes = Buffer.alloc(pad.length + ROOM);
    this.#bytes.set(pad);
    this.#begin = pad.length;
    this.#end = pad.length;
    this.#hashed = this.#bytes.subarray(0, pad.length);
  }

  /** Is false for the few that are long, or not of printable ASCII alone: then nothing is written. */
  write(record: Unhashed): boolean {
    // Each part is asked before anything is written.
    if (!this.#suits(record)) return false;
    const bytes = this.#bytes;
    const { duration_ms: duration } = record;
    let end = this.#opening.put(bytes, this.#begin);
    if (duration !== undefined) end = putAscii(bytes, end, String(duration));
    end = this.#kind.put(bytes, end);
    end = putAscii(bytes, end, record.id);
    end = this.#middle.put(bytes, end);
    end = putAscii(bytes, end, record.prev);
    end = putAscii(bytes, end, '","seq":');
    end = putAscii(bytes, end, String(record.seq));
    this.#end = this.#closing.put(bytes, end);
    return true;
  }

  /** The text, and what is hashed before it. Overwritten by the next one. */
  get hashed(): Buffer {
    // Most are as long as the one before.
    if (this.#hashed.length !== this.#end) this.#hashed = this.#bytes.subarray(0, this.#end);
    return this.#hashed;
  }

  /** In bytes. */
  get length(): number {
    return this.#end - this.#begin;
  }

  copy(target: Buffer, at: number): void {
    this.#bytes.copy(target, at, this.#begin, this.#end);
  }

  #suits(record: Unhashed): boolean {
    const before = this.#before;
    this.#before = record;
    if (!before || !isSameOpening(record, before)) this.#opening.become(openingOf(record));
    if (!before || record.event_type !== before.event_type) this.#kind.become(kindOf(record));
    if (!before || !isSameMiddle(record, before)) this.#middle.become(middleOf(record));
    if (!before || !isSameClosing(record, before)) this.#closing.become(closingOf(record));
    return (
      this.#opening.isPlain &&
      this.#kind.isPlain &&
      this.#middle.isPlain &&
      this.#closing.isPlain &&
      isPlainId(record.id)
    );
  }
}

/** So many characters are put somewhere faster one by one than by any call out of JavaScript. */
const FEW = 16;

/** Puts ASCII somewhere, and says where it ends. */
export function putAscii(bytes: Buffer, at: number, text: string): number {
  const { length } = text;
  if (length > FEW) bytes.write(text, at, 'latin1');
  else for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + length;
}

const NONE = new Uint8Array();

/** A row of members that are mostly what they were in the record before, and in the same place. */
class Part {
  #bytes: Uint8Array = NONE;
  /** Where they lie since the record before. */
  #at = -1;
  /** Are they short, and of printable ASCII alone? */
  isPlain = false;

  /** These members are not what they were. */
  become(text: string): void {
    this.isPlain = text.length <= LONGEST_PART && PRINTABLE.test(text);
    this.#bytes = this.isPlain ? Buffer.from(text, 'latin1') : NONE;
    this.#at = -1;
  }

  /**
   * Puts the members into a text, and says where they end. Every text has all its parts, one behind the other: what this
   * one put somewhere is whole until it is put elsewhere.
   */
  put(target: Uint8Array, at: number): number {
    if (at !== this.#at) target.set(this.#bytes, at);
    this.#at = at;
    return at + this.#bytes.length;
  }
}

/** Is it short, of printable ASCII, and needs no escapes? */
function isPlainId(id: string): boolean {
  if (id.length > LONGEST) return false;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    if (code < SPACE || code > TILDE || code === QUOTE || code === BACKSLASH) return false;
  }
  return true;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const TILDE = 0x7e;

function isSameOpening(a: Unhashed, b: Unhashed): boolean {
  return (
    a.action_taken === b.action_taken &&
    a.client_id === b.client_id &&
    a.contains_pii === b.contains_pii &&
    (a.duration_ms === undefined) === (b.duration_ms === undefined)
  );
}

function openingOf(record: Unhashed): string {
  const action = quoted(record.action_taken);
  const client = member('client_id', record.client_id);
  const duration = record.duration_ms === undefined ? '' : ',"duration_ms":';
  return `{"action_taken":${action}${client},"contains_pii":${record.contains_pii}${duration}`;
}

function kindOf(record: Unhashed): string {
  return `,"event_type":${quoted(record.event_type)},"id":"`;
}

function isSameMiddle(a: Unhashed, b: Unhashed): boolean {
  return (
    a.ip === b.ip &&
    a.method === b.method &&
    a.outcome === b.outcome &&
    a.parameter_count === b.parameter_count &&
    a.pii === b.pii &&
    a.policy === b.policy
  );
}

function middleOf(record: Unhashed): string {
  return [
    '"',
    member('ip', record.ip),
    member('method', record.method),
    member('outcome', record.outcome),
    `,"parameter_count":${record.parameter_count}`,
    record.pii === undefined ? '' : `,"pii":${canonical(record.pii)}`,
    member('policy', record.policy),
    ',"prev":"',
  ].join('');
}

function isSameClosing(a: Unhashed, b: Unhashed): boolean {
  return (
    a.server === b.server &&
    a.timestamp === b.timestamp &&
    a.tool_name === b.tool_name &&
    a.user_id === b.user_id &&
    a.v === b.v
  );
}

function closingOf(record: Unhashed): string {
  return [
    member('server', record.server),
    member('timestamp', record.timestamp),
    member('tool_name', record.tool_name),
    member('user_id', record.user_id),
    `,"v":${record.v}}`,
  ].join('');
}

/** Nothing, where there is no value. */
function member(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${quoted(value)}`;
}

/** Printable ASCII that needs no escapes. */
const PLAIN = /^[ !#-[\]-~]*$/;
const PRINTABLE = /^[ -~]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
