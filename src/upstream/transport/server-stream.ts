import { Answer } from './answer.ts';
import type { HttpExchange } from './http-client.ts';
import type { PostOwner } from './post.ts';

/** Pause before the stream is opened again, unless the server says how long; it grows while the stream does not last. */
const RETRY_MS = 1000;
const RETRY_MOST_MS = 60_000;
/** A stream that lasted this long is a good one. */
const LASTING_MS = 10_000;
/** A stream that is silent for this long may be one that nobody holds any more. */
const SILENCE_MS = 5 * 60_000;
/** Time until the server says whether it has such a stream. */
const HEADERS_MS = 30_000;

/**
 * The stream of a legacy server for what belongs to no request:
 *
 * > The client MAY issue an HTTP GET to the MCP endpoint. … The server MUST either return Content-Type:
 * > text/event-stream … or else return HTTP 405  (2025-11-25, transports)
 *
 * It is opened again whenever it ends, from the last event on.
 */
export class ServerStream {
  readonly #owner: PostOwner;
  readonly #settled: () => void;
  readonly #lost: () => void;
  #exchange: HttpExchange | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastEventId: string | undefined;
  #retryMs = RETRY_MS;
  #pause = 0;
  #openedAt = 0;
  #stood = false;
  #stopped = false;

  /**
   * @param settled called when the stream stands for the first time, or it is clear that it does not
   * @param lost called when the server no longer knows the session
   */
  constructor(owner: PostOwner, settled: () => void, lost: () => void) {
    this.#owner = owner;
    this.#settled = settled;
    this.#lost = lost;
  }

  open(): void {
    const resumed = this.#lastEventId;
    this.#openedAt = Date.now();
    this.#exchange = this.#owner.client.request(
      {
        method: 'GET',
        headers: {
          accept: 'text/event-stream',
          ...this.#owner.sessionHeaders(),
          ...(isHeaderValue(resumed) && { 'last-event-id': resumed }),
        },
        headersTimeout: HEADERS_MS,
        bodyTimeout: SILENCE_MS,
      },
      new Answer(
        {
          accepted: (_headers, isStream) => {
            this.#stood ||= isStream;
            this.#settled();
          },
          message: (message) => this.#owner.events.message(message),
          junk: (size) => this.#owner.events.junk(size),
          overflow: (size) => this.#owner.events.overflow(undefined, size),
          retry: (ms) => {
            this.#retryMs = Math.min(ms, RETRY_MOST_MS);
          },
          refused: (status) => this.#refused(status),
          ended: (problem, lastEventId) => {
            this.#lastEventId = lastEventId ?? this.#lastEventId;
            this.#settled();
            // An answer that is no stream, although it was accepted, is as good as a 405.
            if (this.#stood || problem) this.#again();
          },
        },
        this.#owner.messageLimit,
      ),
    );
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#exchange?.abort();
  }

  #refused(status: number): void {
    this.#settled();
    if (status >= 500 || status === 429) return this.#again();
    // A server without such streams says 405, or something like it.
    if (!this.#stood || status === 405) return;
    // One that had one has forgotten the event, or the session; or it has not noticed yet that the last one broke.
    if (status === 400 && this.#lastEventId !== undefined) this.#lastEventId = undefined;
    else if (status === 400 || status === 404) return this.#lost();
    this.#again();
  }

  #again(): void {
    if (this.#stopped) return;
    const lasted = Date.now() - this.#openedAt > LASTING_MS;
    this.#pause = lasted ? this.#retryMs : Math.min(Math.max(this.#retryMs, this.#pause * 2), RETRY_MOST_MS);
    this.#timer = setTimeout(() => this.open(), this.#pause);
    this.#timer.unref();
  }
}

function isHeaderValue(id: string | undefined): id is string {
  return id !== undefined && /^[\x20-\x7e]{1,1024}$/.test(id);
}
