import type { ServerResponse } from 'node:http';
import { KEEP_ALIVE, SSE_HEADERS } from '../wire/sse.ts';
import { type EventBytes, eventOf, type EventSink, type MessageBytes } from './event-sink.ts';

/** A quiet call becomes a stream after this time, and a stream gets a sign of life, before a proxy closes it. */
export const QUIET_MS = 15_000;
/** Bytes that may wait for a client who does not read. One who is further behind is cut off. */
const MOST_BEHIND = 16 * 1024 * 1024;
/** A client that has taken nothing for so many signs of life, while something waits for it, is not there any more. */
const MOST_UNREAD = 8;

/** An HTTP response that is an event stream, and ends when its connection does. */
export class ResponseStream implements EventSink {
  readonly #res: ServerResponse;
  readonly #timer: NodeJS.Timeout;
  /** What the client had taken at the last look, and how many looks ago it took something. */
  #taken = 0;
  #unread = 0;

  constructor(res: ServerResponse, headers: Readonly<Record<string, string>> = {}) {
    this.#res = res;
    res.writeHead(200, { ...headers, ...SSE_HEADERS });
    this.#timer = setInterval(() => this.#look(), QUIET_MS);
    res.once('close', () => clearInterval(this.#timer));
  }

  get isOver(): boolean {
    return this.#res.destroyed || this.#res.writableEnded;
  }

  get isAttached(): boolean {
    return !this.isOver;
  }

  send(message: MessageBytes): void {
    this.write(eventOf(message));
  }

  /** Writes an event as it is. */
  write(event: EventBytes): void {
    if (this.isOver) return;
    if (this.#res.writableLength > MOST_BEHIND) return void this.#res.destroy();
    if (typeof event === 'string') return void this.#res.write(event, 'latin1');
    for (const chunk of event) this.#res.write(chunk);
  }

  keepAlive(): void {
    this.write(KEEP_ALIVE);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#res.end();
  }

  /** A half-open connection is found out by its own: there is no answer to what is written, and no read. */
  #look(): void {
    const { socket, writableLength } = this.#res;
    const taken = (socket?.bytesWritten ?? 0) - writableLength;
    this.#unread = writableLength > 0 && taken === this.#taken ? this.#unread + 1 : 0;
    this.#taken = taken;
    if (this.#unread >= MOST_UNREAD) this.#res.destroy();
    else this.keepAlive();
  }
}
