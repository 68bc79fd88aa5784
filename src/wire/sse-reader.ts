import { Pieces } from './pieces.ts';

/** One server-sent event. */
export interface SseEvent {
  /** `message` where the server names none. */
  readonly type: string;
  /** The data, lines joined by newlines, as the chunks it came in. May be empty: an event that only sets the id. */
  readonly data: Buffer[];
  /** Bytes of the data. */
  readonly size: number;
}

export interface SseSink {
  event(event: SseEvent): void;
  /** How long to wait, in milliseconds, before connecting again. */
  retry?(ms: number): void;
  /** An event over the limit was thrown away; said once for each. */
  overflow(size: number): void;
}

const NEWLINE = Buffer.from('\n');
/** Bytes that a line other than data may have. A longer one is ignored. */
const FIELD_LIMIT = 4096;
const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/**
 * Server-sent events, the reading side (WHATWG HTML, "Server-sent events"): bytes in, events out. Lines end with CR, LF
 * or both. The cost is linear in the bytes whatever their pieces, and what is kept is bounded.
 */
export class SseReader {
  readonly #sink: SseSink;
  readonly #limit: number;
  readonly #line = new Pieces();
  readonly #data = new Pieces();
  /** Bytes of the line so far, also while it is thrown away. */
  #lineSize = 0;
  #hasData = false;
  #type = '';
  #id: string | undefined;
  #skipping = false;
  #afterReturn = false;
  #atStart = true;
  #lastEventId: string | undefined;

  /** @param limit bytes that the data of one event may have */
  constructor(sink: SseSink, limit: number) {
    this.#sink = sink;
    this.#limit = limit;
  }

  /** The id of the last event that was complete: from here a broken stream is taken up again. */
  get lastEventId(): string | undefined {
    return this.#lastEventId;
  }

  push(chunk: Buffer): void {
    let start = this.#afterReturn && chunk[0] === 10 ? 1 : 0;
    if (chunk.length > 0) this.#afterReturn = false;
    let newline = chunk.indexOf(10, start);
    let carriage = chunk.indexOf(13, start);
    while (newline !== -1 || carriage !== -1) {
      const isReturn = newline === -1 || (carriage !== -1 && carriage < newline);
      const end = isReturn ? carriage : newline;
      this.#add(chunk.subarray(start, end));
      this.#endLine();
      start = end + 1;
      if (isReturn && chunk[start] === 10) start += 1;
      else if (isReturn && start === chunk.length) this.#afterReturn = true;
      // Each is looked for again only when it was passed, so no byte is looked at twice.
      if (newline !== -1 && newline < start) newline = chunk.indexOf(10, start);
      if (carriage !== -1 && carriage < start) carriage = chunk.indexOf(13, start);
    }
    if (start < chunk.length) this.#add(chunk.subarray(start));
  }

  #add(part: Buffer): void {
    this.#lineSize += part.length;
    if (this.#skipping) return;
    this.#line.add(part);
    const size = this.#data.size + this.#line.size;
    // The field's name and its space belong to the line and not to the data.
    if (size <= this.#limit + 'data: '.length) return;
    this.#skipping = true;
    this.#line.take();
    this.#data.take();
    this.#sink.overflow(size);
  }

  #endLine(): void {
    const isEmpty = this.#lineSize === 0;
    this.#lineSize = 0;
    if (isEmpty) this.#dispatch();
    else if (!this.#skipping) this.#field();
  }

  #field(): void {
    let head = this.#line.head(16);
    const mark = this.#atStart && head.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
    this.#atStart = false;
    head = head.slice(mark);
    const colon = head.indexOf(':');
    const name = colon === -1 ? head : head.slice(0, colon);
    const value = mark + (colon === -1 ? name.length : colon + (head[colon + 1] === ' ' ? 2 : 1));
    if (name === 'data') return this.#addData(value);
    const isShort = this.#line.size <= FIELD_LIMIT;
    const bytes = this.#line.take(value);
    if (!isShort) return;
    const text = Buffer.concat(bytes).toString('utf8');
    if (name === 'event') this.#type = text;
    else if (name === 'id' && !text.includes('\0')) this.#id = text;
    else if (name === 'retry' && /^\d{1,9}$/.test(text)) this.#sink.retry?.(Number(text));
  }

  #addData(skipped: number): void {
    if (this.#hasData) this.#data.add(NEWLINE);
    this.#hasData = true;
    for (const part of this.#line.take(skipped)) this.#data.add(part);
  }

  /** An empty line ends the event. One without data is none, but its id counts. */
  #dispatch(): void {
    if (this.#id !== undefined) this.#lastEventId = this.#id;
    const type = this.#type === '' ? 'message' : this.#type;
    const { size } = this.#data;
    const data = this.#data.take();
    const isEvent = this.#hasData && !this.#skipping;
    this.#hasData = false;
    this.#type = '';
    this.#skipping = false;
    if (isEvent) this.#sink.event({ type, data, size });
  }
}
