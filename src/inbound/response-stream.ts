import type { ServerResponse } from 'node:http';
import { KEEP_ALIVE, SSE_HEADERS } from '../wire/sse.ts';
import { type EventBytes, eventOf, type EventSink, type MessageBytes } from './event-sink.ts';

/** A quiet call becomes a stream after this time, and a stream gets a sign of life, before a proxy closes it. */
export const QUIET_MS = 15_000;
/** Bytes that may wait for a client who does not read. One who is further behind is cut off. */
const MOST_BEHIND = 16 * 1024 * 1024;

/** An HTTP response that is an event stream, and ends when its connection does. */
export class ResponseStream implements EventSink {
  readonly #res: ServerResponse;
  readonly #timer: NodeJS.Timeout;

  constructor(res: ServerResponse, headers: Readonly<Record<string, string>> = {}) {
    this.#res = res;
    res.writeHead(200, { ...headers, ...SSE_HEADERS });
    this.#timer = setInterval(() => this.keepAlive(), QUIET_MS);
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
}
