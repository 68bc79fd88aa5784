import type { ServerResponse } from 'node:http';
import { type EventBytes, eventOf, type EventSink, type MessageBytes } from '../event-sink.ts';
import { ResponseStream } from '../response-stream.ts';

/** How soon a client should come back, in milliseconds. */
const RETRY_MS = 1000;

/** Where the events of a stream wait for a client that comes back. */
export interface Shelf {
  /** @returns false for an event that there is no room for */
  keep(stream: StoredStream, event: EventBytes, number: number): boolean;
  after(stream: StoredStream, number: number): EventBytes[];
  /** A client left. */
  detached(): void;
  ended(stream: StoredStream): void;
}

/**
 * An event stream that outlives its connection: each event has an id and is kept for a while, and a client whose
 * connection broke comes back with the last id it saw and gets the later ones.
 */
export class StoredStream implements EventSink {
  readonly number: number;
  readonly #shelf: Shelf;
  readonly #name: string;
  readonly #primed: boolean;
  #last = 0;
  #reader: ResponseStream | undefined;
  #ended = false;

  /**
   * @param tag comes first in every id
   * @param primed does the stream begin with an id and no data?
   */
  constructor(shelf: Shelf, tag: string, number: number, primed: boolean) {
    this.#shelf = shelf;
    this.number = number;
    this.#name = `${tag}-${number}`;
    this.#primed = primed;
  }

  /** The number of the last event. */
  get last(): number {
    return this.#last;
  }

  get isOver(): boolean {
    return this.#ended;
  }

  get isAttached(): boolean {
    return this.#reader?.isAttached === true;
  }

  send(message: MessageBytes, instead?: () => string): void {
    if (this.#ended) return;
    this.#last += 1;
    const id = `${this.#name}-${this.#last}`;
    const event = eventOf(message, id);
    if (!this.#shelf.keep(this, event, this.#last) && instead)
      this.#shelf.keep(this, eventOf(instead(), id), this.#last);
    this.#reader?.write(event);
  }

  /**
   * Writes the stream to a response from now on, in the place of an earlier one.
   * @param after the number of the event behind which to go on; undefined: at what comes next
   */
  attach(res: ServerResponse, headers?: Readonly<Record<string, string>>, after?: number): void {
    this.#reader?.end();
    const reader = new ResponseStream(res, headers);
    this.#reader = reader;
    res.once('close', () => {
      if (this.#reader === reader) this.#reader = undefined;
      this.#shelf.detached();
    });
    // > The server SHOULD immediately send an SSE event consisting of an event ID and an empty data field in order to
    // > prime the client to reconnect  (basic/transports, 2025-11-25)
    if (after === undefined && this.#primed)
      reader.write(`id: ${this.#name}-${this.#last}\nretry: ${RETRY_MS}\ndata:\n\n`);
    if (after !== undefined) for (const event of this.#shelf.after(this, after)) reader.write(event);
    if (this.#ended) reader.end();
  }

  keepAlive(): void {
    this.#reader?.keepAlive();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reader?.end();
    this.#shelf.ended(this);
  }
}
