import { type Failure, failure } from '../../core/reply.ts';
import { mediaType } from '../../wire/headers.ts';
import { type Incoming, readChunks, readLine } from '../../wire/response-line.ts';
import { type SseEvent, SseReader } from '../../wire/sse-reader.ts';
import { refusal } from './http-failure.ts';
import { first, type HttpClient, type HttpExchange, type ResponseHeaders } from './http-client.ts';
import type { Outline, Transport, TransportEvents } from './transport.ts';

export interface SseOptions {
  readonly client: HttpClient;
  /** Bytes that one message may have. */
  readonly messageLimit: number;
}

/** Bytes that may wait for the endpoint. */
const QUEUE_LIMIT = 16 * 1024 * 1024;
/** Up to this many bytes a message is read as one string. */
const SMALL = 16 * 1024;
/** Time until a message was taken, and until the stream stands. */
const POST_MS = 30_000;

/**
 * The HTTP+SSE transport of 2024-11-05: one stream for everything the server says, and a POST for each message, to an
 * address that the server names first.
 *
 * > The server MUST provide two endpoints: An SSE endpoint, for clients to establish a connection and receive messages
 * > from the server; A regular HTTP POST endpoint for clients to send messages to the server  (2024-11-05, transports)
 */
export class SseTransport implements Transport {
  readonly #client: HttpClient;
  readonly #events: TransportEvents;
  #stream: HttpExchange | undefined;
  readonly #messageLimit: number;
  /** Where messages are posted to; until the server has said it, they wait. */
  #endpoint: string | undefined;
  #waiting: { message: string; outline: Outline | undefined }[] = [];
  #waitingBytes = 0;
  #over = false;

  constructor({ client, messageLimit }: SseOptions, events: TransportEvents) {
    this.#client = client;
    this.#events = events;
    this.#messageLimit = messageLimit;
    // Whatever comes of it, our owner hears of it when it has got hold of us.
    queueMicrotask(() => this.#open());
  }

  #open(): void {
    if (this.#over) return;
    const reader = new SseReader(
      {
        event: (event) => this.#hear(event),
        overflow: (size) => this.#events.overflow(undefined, size),
      },
      this.#messageLimit,
    );
    let status = 0;
    let isStream = false;
    this.#stream = this.#client.request(
      { method: 'GET', headers: { accept: 'text/event-stream' }, headersTimeout: POST_MS },
      {
        head: (code: number, headers: ResponseHeaders) => {
          status = code;
          isStream = code < 300 && mediaType(first(headers['content-type'])) === 'text/event-stream';
          if (!isStream && code < 300)
            this.#end(failure('server_refused', 'It answered GET without a stream.'));
        },
        data: (chunk) => {
          if (isStream && !this.#over) reader.push(chunk);
        },
        end: () => this.#end(status >= 300 ? refusal(status) : undefined),
        failed: (problem) => this.#end(problem),
      },
    );
  }

  send(message: string, outline?: Outline): boolean {
    if (this.#endpoint !== undefined) this.#post(this.#endpoint, message, outline);
    else {
      if (this.#waitingBytes + message.length > QUEUE_LIMIT) return false;
      this.#waitingBytes += message.length;
      this.#waiting.push({ message, outline });
    }
    return true;
  }

  async close(): Promise<void> {
    this.#finish('it was stopped');
  }

  #hear({ type, data, size }: SseEvent): void {
    if (type === 'endpoint') return this.#setEndpoint(Buffer.concat(data).toString('utf8'));
    if (type !== 'message' || size === 0) return;
    const message: Incoming | undefined =
      size <= SMALL ? readLine(Buffer.concat(data).toString('latin1')) : readChunks(data, size);
    if (message) this.#events.message(message);
    else this.#events.junk(size);
  }

  /**
   * > the server MUST send an endpoint event containing a URI for the client to use for sending messages
   *
   * It has to be at the same origin: whoever answers may not send our headers to somebody else.
   */
  #setEndpoint(text: string): void {
    const url = URL.parse(text, this.#client.url.href);
    if (url?.origin !== this.#client.url.origin)
      return this.#end(failure('server_refused', 'It names an endpoint at another origin.'));
    this.#endpoint = url.pathname + url.search;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { message, outline } of waiting) this.#post(this.#endpoint, message, outline);
  }

  #post(path: string, message: string, outline: Outline | undefined): void {
    const id = outline?.id;
    const fail = ({ error }: Failure): void => {
      if (id !== undefined && !this.#over) this.#events.message({ kind: 'error', id, error });
    };
    let status = 0;
    this.#client.request(
      {
        method: 'POST',
        path,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...outline?.headers,
        },
        body: message,
        headersTimeout: POST_MS,
        bodyTimeout: POST_MS,
      },
      {
        head: (code) => {
          status = code;
        },
        data: () => {},
        end: () => {
          if (status >= 300) fail(refusal(status));
        },
        failed: fail,
      },
    );
  }

  /** The stream is the connection: with it, all is over. */
  #end(problem: Failure | undefined): void {
    this.#finish(problem ? problem.error.message.replace(/\.$/, '') : 'it closed its stream');
  }

  #finish(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    // Not from within the handler that this very end may have been called from.
    queueMicrotask(() => {
      this.#stream?.abort();
      void this.#client.close();
    });
    this.#events.closed({ reason, stderr: [] });
  }
}
