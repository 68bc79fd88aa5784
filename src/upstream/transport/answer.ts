import { toWire } from '../../core/body.ts';
import type { Failure } from '../../core/reply.ts';
import { mediaType } from '../../wire/headers.ts';
import { Pieces } from '../../wire/pieces.ts';
import { type Incoming, readChunks, readLine } from '../../wire/response-line.ts';
import { SseReader } from '../../wire/sse-reader.ts';
import { refusal } from './http-failure.ts';
import { first, type ResponseHeaders, type ResponseSink } from './http-client.ts';

/** What an HTTP answer brings, in the order in which it may come. */
export interface AnswerEvents {
  /** It was accepted; `isStream` when messages come as events. */
  accepted?(headers: ResponseHeaders, isStream: boolean): void;
  message(message: Incoming): void;
  /** Something that is no message. */
  junk(size: number): void;
  /** A message over the size limit was thrown away. */
  overflow(size: number): void;
  /** How long the server wants us to wait before connecting again. */
  retry?(ms: number): void;
  /** It was not accepted; with the message where the body is one. */
  refused(status: number, failure: Failure, message: Incoming | undefined): void;
  /** It is complete, or its stream ended or broke. */
  ended(problem: Failure | undefined, lastEventId: string | undefined): void;
}

/** Up to this many bytes a message is read as one string; above it, copying would cost more than it saves. */
const SMALL = 16 * 1024;
/** Bytes of a refusal that are looked at. */
const REFUSAL_LIMIT = 64 * 1024;

/**
 * Reads one HTTP answer of the Streamable HTTP transport: one JSON message, an event stream of messages, or a refusal.
 *
 * > the server MUST either return Content-Type: text/event-stream, to initiate an SSE stream, or
 * > Content-Type: application/json … The client MUST support both these cases.  (basic/transports/streamable-http)
 */
export class Answer implements ResponseSink {
  readonly #events: AnswerEvents;
  readonly #limit: number;
  readonly #body = new Pieces();
  #status = 0;
  #isJson = false;
  #stream: SseReader | undefined;
  #overflown = false;

  /** @param limit bytes that one message may have */
  constructor(events: AnswerEvents, limit: number) {
    this.#events = events;
    this.#limit = limit;
  }

  head(status: number, headers: ResponseHeaders): void {
    this.#status = status;
    if (status >= 300) return;
    const type = mediaType(first(headers['content-type']));
    this.#isJson = type === 'application/json';
    if (type === 'text/event-stream') {
      this.#stream = new SseReader(
        {
          // An event of another name, such as `ping`, is none of ours; and one without data only sets the id.
          event: (event) => {
            if (event.type === 'message' && event.size > 0) this.#read(event.data, event.size);
          },
          overflow: (size) => this.#events.overflow(size),
          retry: (ms) => this.#events.retry?.(ms),
        },
        this.#limit,
      );
    }
    this.#events.accepted?.(headers, this.#stream !== undefined);
  }

  data(chunk: Buffer): void {
    if (this.#stream) return this.#stream.push(chunk);
    if (this.#overflown) return;
    this.#body.add(chunk);
    const limit = this.#status < 300 ? this.#limit : REFUSAL_LIMIT;
    if (this.#body.size <= limit) return;
    this.#overflown = true;
    const { size } = this.#body;
    this.#body.take();
    if (this.#status < 300) this.#events.overflow(size);
  }

  end(): void {
    const { size } = this.#body;
    if (this.#status >= 300) {
      const message = size > 0 ? readLine(latin1(this.#body.take())) : undefined;
      return this.#events.refused(this.#status, refusal(this.#status), message);
    }
    if (this.#isJson && size > 0) this.#read(this.#body.take(), size);
    this.#events.ended(undefined, this.#stream?.lastEventId);
  }

  failed(problem: Failure): void {
    this.#events.ended(problem, this.#stream?.lastEventId);
  }

  #read(bytes: Buffer[], size: number): void {
    const message = size <= SMALL ? readLine(latin1(bytes)) : readChunks(bytes, size);
    if (message) return this.#events.message(message);
    const batch = readBatch(bytes);
    for (const each of batch ?? []) this.#events.message(each);
    if (!batch) this.#events.junk(size);
  }
}

/** Servers of 2025-03-26 may answer with several messages in an array. */
function readBatch(bytes: readonly Buffer[]): Incoming[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.concat(bytes).toString('utf8'));
    if (!Array.isArray(value)) return undefined;
    return value.flatMap((each) => readLine(toWire(JSON.stringify(each))) ?? []);
  } catch {
    // No JSON; or nested deeper than can be written.
    return undefined;
  }
}

function latin1(bytes: readonly Buffer[]): string {
  return bytes.map((each) => each.toString('latin1')).join('');
}
