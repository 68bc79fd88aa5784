import { canonical } from '../core/canonical.ts';
import type { ChainKey } from './chain-key.ts';
import { type Head, safe } from './chain.ts';
import { type AuditEvent, type AuditRecord, RECORD_VERSION } from './event.ts';
import { putAscii, RecordText, type Unhashed } from './record-text.ts';

/** Most records are of half a KiB, and there are so many at once on a busy gateway. */
const ROOM = 64 * 1024;
/** What a burst has made larger than this is given back. */
const MOST_KEPT = 1024 * 1024;
/** `"hash":"…"` and what is around it. */
const TAIL = 100;

/**
 * Events as they become records behind a head, their lines as they go to the file, and who waits for them to be there.
 * Made once and used again: what it holds is overwritten after the next {@link begin}.
 */
export class Batch {
  readonly #key: ChainKey;
  readonly #text: RecordText;
  #bytes = Buffer.allocUnsafeSlow(ROOM);
  #length = 0;
  #count = 0;
  #head: Head;
  #waiting: ((isRecorded: boolean) => void)[] = [];

  constructor(key: ChainKey, head: Head) {
    this.#key = key;
    this.#text = new RecordText(key.pad);
    this.#head = head;
  }

  /** Begins anew, behind `head`. */
  begin(head: Head): void {
    this.#head = head;
    this.#length = 0;
    this.#count = 0;
    this.#waiting = [];
    if (this.#bytes.length > MOST_KEPT) this.#bytes = Buffer.allocUnsafeSlow(ROOM);
  }

  /**
   * The event in its place in the chain. Its hash is the HMAC-SHA256 over the canonical JSON of the record without it, with
   * the hash of the record before in it: whoever has not the key cannot write a record that fits, and whoever changes,
   * moves or takes out one breaks every record behind it.
   * @param at when it happened, in milliseconds since 1970
   * @param done is told in the end whether it was recorded
   */
  add(event: AuditEvent, at: number, done?: (isRecorded: boolean) => void): AuditRecord {
    const record = recordBehind(this.#head, event, at);
    // Into the record, and not into a copy: this is done for each call.
    record.hash = this.#text.write(record) ? this.#addText() : this.#addUnusual(record);
    this.#addHash(record.hash);
    this.#head = record;
    this.#count += 1;
    if (done) this.#waiting.push(done);
    return record;
  }

  /** The lines. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** How many lines there are. */
  get count(): number {
    return this.#count;
  }

  /** The last record, or what it began with. */
  get head(): Head {
    return this.#head;
  }

  /** Tells those who wait. */
  settle(isRecorded: boolean): void {
    for (const done of this.#waiting) done(isRecorded);
    this.#waiting = [];
  }

  /** Adds the text that was just written without its closing brace, the same bytes as it is hashed from. */
  #addText(): string {
    const text = this.#text;
    this.#reserve(text.length + TAIL);
    text.copy(this.#bytes, this.#length);
    this.#length += text.length - 1;
    return this.#key.hmacOf(text.hashed);
  }

  /** The same for one that is long, or has characters that are written otherwise than they are hashed. */
  #addUnusual(record: Unhashed & { hash?: string }): string {
    const { hash: _, ...unhashed } = record;
    const text = canonical(unhashed);
    const line = Buffer.from(safe(text));
    this.#reserve(line.length + TAIL);
    this.#bytes.set(line, this.#length);
    this.#length += line.length - 1;
    return this.#key.hmac(text);
  }

  /** In the place of the closing brace. */
  #addHash(hash: string): void {
    const start = putAscii(this.#bytes, this.#length, ',"hash":"');
    const end = putAscii(this.#bytes, start, hash);
    this.#length = putAscii(this.#bytes, end, '"}\n');
  }

  #reserve(size: number): void {
    const wanted = this.#length + size;
    if (wanted <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * wanted);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

function recordBehind(head: Head, event: AuditEvent, at: number): AuditRecord & { hash: string } {
  return {
    action_taken: event.action_taken,
    client_id: event.client_id,
    contains_pii: event.contains_pii,
    duration_ms: event.duration_ms,
    event_type: event.event_type,
    id: event.id,
    ip: event.ip,
    method: event.method,
    outcome: event.outcome,
    parameter_count: event.parameter_count,
    pii: event.pii,
    policy: event.policy,
    prev: head.hash,
    seq: head.seq + 1,
    server: event.server,
    timestamp: timestampOf(at),
    tool_name: event.tool_name,
    user_id: event.user_id,
    v: RECORD_VERSION,
    hash: '',
  };
}

/** Many records are of the same second, and of the same millisecond. */
let last = { second: Number.NaN, upToSecond: '', at: Number.NaN, text: '' };

function timestampOf(at: number): string {
  if (at === last.at) return last.text;
  const second = Math.floor(at / 1000);
  const upToSecond = second === last.second ? last.upToSecond : new Date(at).toISOString().slice(0, -4);
  const text = `${upToSecond}${String(at - 1000 * second).padStart(3, '0')}Z`;
  last = { second, upToSecond, at, text };
  return text;
}
