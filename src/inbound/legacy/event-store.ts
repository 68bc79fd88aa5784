import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { EventBytes, EventSink, Streams } from '../event-sink.ts';
import { type Shelf, StoredStream } from './stored-stream.ts';

/** What one session may keep. Beyond it, its oldest events go. */
const MOST_EVENTS = 256;
const MOST_BYTES = 1024 * 1024;
/** What all sessions may keep together. */
const MOST_BYTES_OF_ALL = 64 * 1024 * 1024;
/** How long an event waits for a client that comes back. Results are other people's data: no longer than useful. */
const KEPT_MS = 5 * 60_000;

/** What the stores of all sessions share. */
export interface Budget {
  readonly most: number;
  used: number;
}

export function newBudget(most = MOST_BYTES_OF_ALL): Budget {
  return { most, used: 0 };
}

interface Kept {
  readonly stream: StoredStream;
  readonly number: number;
  readonly event: EventBytes;
  readonly size: number;
  readonly until: number;
}

/**
 * The event streams of one session and the events that a client can come back for.
 *
 * > The event ID … MUST be globally unique across all streams within that session … Servers MUST NOT replay messages
 * > that would have been delivered on a different stream.  (basic/transports, 2025-11-25)
 *
 * An id is `<session>-<stream>-<number>`: it leads to one stream of one session, and only that session looks it up.
 * Nothing is made before the first stream is opened, so that sessions of plain JSON answers pay nothing.
 */
export class EventStore implements Streams, Shelf {
  readonly #budget: Budget;
  readonly #primed: boolean;
  /** An empty Map costs 184 bytes, which most sessions never need. */
  #streams: Map<number, StoredStream> | undefined;
  #standalone: StoredStream | undefined;
  #kept: Kept[] = [];
  #size = 0;
  #tag = '';
  #next = 1;
  #closed = false;
  #leftAt = 0;

  /** @param primed do streams begin with an id and no data? Clients before 2025-11-25 would read that as a message. */
  constructor(budget: Budget, primed: boolean) {
    this.#budget = budget;
    this.#primed = primed;
  }

  /** When a client left one of the streams the last time, in milliseconds since 1970; 0: never. */
  get leftAt(): number {
    return this.#leftAt;
  }

  /** Is somebody reading one of the streams? */
  get isAttached(): boolean {
    for (const stream of this.#streams?.values() ?? []) if (stream.isAttached) return true;
    return false;
  }

  /** A new stream. */
  open(): StoredStream {
    if (this.#tag === '') this.#tag = randomBytes(4).toString('hex');
    const number = this.#next++;
    const stream = new StoredStream(this, this.#tag, number, this.#primed);
    if (!this.#closed) (this.#streams ??= new Map()).set(number, stream);
    return stream;
  }

  /** The one stream for what belongs to no call. It lasts as long as the session. */
  standalone(): StoredStream {
    return (this.#standalone ??= this.open());
  }

  stream(res: ServerResponse, headers?: Readonly<Record<string, string>>): EventSink {
    const stream = this.open();
    stream.attach(res, headers);
    return stream;
  }

  /** The stream that an event was sent on, and its place there. Undefined when it is none of this session's. */
  find(eventId: string): { stream: StoredStream; number: number } | undefined {
    const [, tag, stream, number] = EVENT_ID.exec(eventId) ?? [];
    const found = tag === this.#tag ? this.#streams?.get(Number(stream)) : undefined;
    return found && Number(number) <= found.last ? { stream: found, number: Number(number) } : undefined;
  }

  /** Lets go of what nobody came back for in time. */
  expire(now = Date.now()): void {
    while (this.#kept[0] && this.#kept[0].until <= now) this.#evict();
  }

  /** Keeps nothing any more. Calls under way still answer on the streams they have. */
  close(): void {
    this.#closed = true;
    while (this.#kept.length > 0) this.#evict();
    this.#streams = undefined;
  }

  keep(stream: StoredStream, event: EventBytes, number: number): boolean {
    const size =
      typeof event === 'string' ? event.length : event.reduce((sum, { length }) => sum + length, 0);
    if (this.#closed || size > MOST_BYTES) return false;
    this.#kept.push({ stream, number, event, size, until: Date.now() + KEPT_MS });
    this.#size += size;
    this.#budget.used += size;
    while (
      this.#kept.length > MOST_EVENTS ||
      this.#size > MOST_BYTES ||
      (this.#budget.used > this.#budget.most && this.#kept.length > 0)
    )
      this.#evict();
    // The oldest go first: when this one went as well, nothing is left.
    return this.#kept.length > 0;
  }

  after(stream: StoredStream, number: number): EventBytes[] {
    return this.#kept
      .filter((kept) => kept.stream === stream && kept.number > number)
      .map(({ event }) => event);
  }

  #evict(): void {
    const gone = this.#kept.shift();
    if (!gone) return;
    this.#size -= gone.size;
    this.#budget.used -= gone.size;
    if (gone.stream.isOver) this.ended(gone.stream);
  }

  detached(): void {
    this.#leftAt = Date.now();
  }

  /** A stream that has ended, and of which nothing is left, cannot be come back to. */
  ended(stream: StoredStream): void {
    if (!this.#kept.some((kept) => kept.stream === stream)) this.#streams?.delete(stream.number);
  }
}

const EVENT_ID = /^([\da-f]{8})-([1-9]\d{0,14})-(0|[1-9]\d{0,14})$/;
