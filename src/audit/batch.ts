import type { ChainKey } from './chain-key.ts';
import { type Head, safe } from './chain.ts';
import { type AuditEvent, type AuditRecord, RECORD_VERSION } from './event.ts';
import { recordText } from './record-text.ts';

/** Most records are of half a KiB, and there are so many at once on a busy gateway. */
const ROOM = 64 * 1024;
/** What a burst has made larger than this is given back. */
const MOST_KEPT = 1024 * 1024;
/** `"hash":"…"` and what is around it. */
const TAIL = 100;

/**
 * Events as they become records behind a head, and their lines as they go to the file. Made once and used again: what it
 * holds is overwritten by the next {@link begin}.
 */
export class Batch {
  readonly #key: ChainKey;
  #bytes = Buffer.allocUnsafeSlow(ROOM);
  #length = 0;
  #head: Head;
  #records: AuditRecord[] = [];

  constructor(key: ChainKey, head: Head) {
    this.#key = key;
    this.#head = head;
  }

  /** Begins anew, behind `head`. */
  begin(head: Head): void {
    this.#head = head;
    this.#length = 0;
    this.#records = [];
    if (this.#bytes.length > MOST_KEPT) this.#bytes = Buffer.allocUnsafeSlow(ROOM);
  }

  /**
   * The event in its place in the chain. Its hash is the HMAC-SHA256 over the canonical JSON of the record without it, with
   * the hash of the record before in it: whoever has not the key cannot write a record that fits, and whoever changes,
   * moves or takes out one breaks every record behind it.
   * @param at when it happened, in milliseconds since 1970
   */
  add(event: AuditEvent, at: number): AuditRecord {
    const record = recordBehind(this.#head, event, at);
    const text = recordText(record);
    // Into the record, and not into a copy: this is done for each call.
    record.hash = this.#key.hmac(text);
    this.#reserve(text.length * 6 + TAIL);
    // Without its closing brace.
    this.#length += this.#put(text) - 1;
    this.#length += this.#bytes.write(`,"hash":"${record.hash}"}\n`, this.#length, 'latin1');
    this.#head = record;
    this.#records.push(record);
    return record;
  }

  /** The lines. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  get records(): readonly AuditRecord[] {
    return this.#records;
  }

  /** The last record, or what it began with. */
  get head(): Head {
    return this.#head;
  }

  /** Writes what was just hashed, and says how long it is. */
  #put(text: string): number {
    const { textBytes } = this.#key;
    // As many bytes as characters: it is ASCII, which has one character that is not safe.
    if (textBytes !== text.length || text.includes('\u007f'))
      return this.#bytes.write(safe(text), this.#length);
    this.#key.copyText(this.#bytes, this.#length);
    return textBytes;
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

/** Many records are of the same millisecond. */
let last = { at: Number.NaN, text: '' };

function timestampOf(at: number): string {
  if (at !== last.at) last = { at, text: new Date(at).toISOString() };
  return last.text;
}
