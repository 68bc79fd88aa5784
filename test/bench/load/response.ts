/** What the load generator needs from a status line and its headers. */
export interface Head {
  status: number;
  /** Body length in bytes, or `undefined` for a chunked body. */
  length: number | undefined;
  eventStream: boolean;
  sessionId: string | undefined;
}

/** Receives a response in pieces. The bytes of a piece are valid only during the call. */
export interface Sink {
  head(head: Head): void;
  /** A part of one message: of the body, or of the data of one server-sent event. */
  piece(bytes: Buffer, start: number, end: number): void;
  /** The message is whole. An event stream may hold several. */
  message(): void;
  /** The response is whole; the next request may be sent. */
  end(): void;
}

type State = 'head' | 'body' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer';

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const HEAD_END = '\r\n\r\n';
const MAX_HEAD = 64 * 1024;

/**
 * Reads HTTP/1.1 responses of one keep-alive connection, fed as the socket brings them. It knows
 * `content-length` and `chunked`, unwraps event streams, and knows nothing else: a response that ends with the
 * connection is an error here.
 *
 * It must be cheaper than any server under test. Heads repeat byte for byte (but for the second in `date`), so the
 * last one is kept and compared before anything is parsed.
 */
export class ResponseParser {
  sink: Sink;
  #state: State = 'head';
  #lastHeadBytes: Buffer = Buffer.alloc(0);
  #head: Head = { status: 0, length: 0, eventStream: false, sessionId: undefined };
  #partialHead: Buffer = Buffer.alloc(0);
  #line = '';
  #remaining = 0;
  #bodySeen = false;
  readonly #events: EventUnwrapper = new EventUnwrapper();

  constructor(sink: Sink) {
    this.sink = sink;
  }

  /** Takes the first `length` bytes of `chunk`. Throws on what is not HTTP/1.1. */
  push(chunk: Buffer, length: number): void {
    let at = 0;
    while (at < length) {
      switch (this.#state) {
        case 'head':
          at = this.#readHead(chunk, at, length);
          break;
        case 'body':
          at = this.#readBody(chunk, at, length);
          if (this.#remaining === 0) this.#finish();
          break;
        case 'chunk':
          at = this.#readBody(chunk, at, length);
          if (this.#remaining === 0) this.#state = 'chunk-end';
          break;
        default:
          at = this.#readLine(chunk, at, length);
      }
    }
  }

  #readHead(chunk: Buffer, at: number, length: number): number {
    const last = this.#lastHeadBytes;
    const repeated =
      last.length > 0 &&
      this.#partialHead.length === 0 &&
      length - at >= last.length &&
      last.compare(chunk, at, at + last.length) === 0;
    if (repeated) {
      this.#startBody();
      return at + last.length;
    }
    const known = this.#partialHead.length;
    const bytes = Buffer.concat([this.#partialHead, chunk.subarray(at, length)]);
    const end = bytes.indexOf(HEAD_END);
    if (end < 0) {
      if (bytes.length > MAX_HEAD) throw new Error('A response head is longer than 64 KiB.');
      this.#partialHead = bytes;
      return length;
    }
    const size = end + HEAD_END.length;
    this.#partialHead = Buffer.alloc(0);
    this.#lastHeadBytes = bytes.subarray(0, size);
    this.#head = parseHead(bytes.toString('latin1', 0, end));
    this.#startBody();
    return at + size - known;
  }

  #startBody(): void {
    this.#bodySeen = false;
    this.#events.reset();
    this.sink.head(this.#head);
    this.#remaining = this.#head.length ?? 0;
    if (this.#head.length === undefined) this.#state = 'chunk-size';
    else if (this.#head.length > 0) this.#state = 'body';
    else this.#finish();
  }

  #readBody(chunk: Buffer, at: number, length: number): number {
    const end = Math.min(length, at + this.#remaining);
    this.#remaining -= end - at;
    this.#bodySeen = true;
    if (this.#head.eventStream) this.#events.push(chunk, at, end, this.sink);
    else this.sink.piece(chunk, at, end);
    return end;
  }

  #readLine(chunk: Buffer, at: number, length: number): number {
    const newline = chunk.indexOf(NEWLINE, at);
    if (newline < 0 || newline >= length) {
      this.#line += chunk.toString('latin1', at, length);
      return length;
    }
    const line = (this.#line + chunk.toString('latin1', at, newline)).trimEnd();
    this.#line = '';
    this.#takeLine(line);
    return newline + 1;
  }

  #takeLine(line: string): void {
    switch (this.#state) {
      case 'chunk-size': {
        const size = Number.parseInt(line, 16);
        if (Number.isNaN(size)) throw new Error(`Not a chunk size: ${JSON.stringify(line.slice(0, 40))}`);
        this.#remaining = size;
        this.#state = size === 0 ? 'trailer' : 'chunk';
        break;
      }
      case 'chunk-end':
        if (line !== '') throw new Error('A chunk is longer than its size.');
        this.#state = 'chunk-size';
        break;
      default:
        if (line === '') this.#finish();
    }
  }

  #finish(): void {
    this.#state = 'head';
    if (this.#bodySeen && !this.#head.eventStream) this.sink.message();
    this.sink.end();
  }
}

function parseHead(text: string): Head {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(statusLine);
  if (!status) throw new Error(`Not an HTTP/1.1 response: ${JSON.stringify(statusLine.slice(0, 40))}`);
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const length = fields.get('content-length');
  const chunked = fields.get('transfer-encoding')?.toLowerCase() === 'chunked';
  if (length === undefined && !chunked && Number(status[1]) === 200) {
    throw new Error('A response has neither a content-length nor chunks.');
  }
  return {
    status: Number(status[1]),
    length: chunked ? undefined : Number(length ?? 0),
    eventStream: fields.get('content-type')?.startsWith('text/event-stream') ?? false,
    sessionId: fields.get('mcp-session-id'),
  };
}

const DATA_FIELD = 'data:';

/** Passes on the data of server-sent events. All other fields and comments are left out. */
class EventUnwrapper {
  #line: 'field' | 'data' | 'other' = 'field';
  #matched = 0;
  #hasData = false;

  reset(): void {
    this.#line = 'field';
    this.#matched = 0;
    this.#hasData = false;
  }

  push(bytes: Buffer, start: number, end: number, sink: Sink): void {
    let at = start;
    while (at < end) {
      if (this.#line === 'field') {
        this.#readField(bytes[at] ?? 0, sink);
        at += 1;
      } else {
        at = this.#readRest(bytes, at, end, sink);
      }
    }
  }

  #readField(byte: number, sink: Sink): void {
    if (byte === NEWLINE) {
      if (this.#matched === 0 && this.#hasData) sink.message();
      if (this.#matched === 0) this.#hasData = false;
      this.#matched = 0;
    } else if (byte === DATA_FIELD.charCodeAt(this.#matched)) {
      this.#matched += 1;
      if (this.#matched === DATA_FIELD.length) this.#line = 'data';
    } else if (byte !== CARRIAGE_RETURN) {
      this.#line = 'other';
    }
  }

  /** The space after `data:` and a carriage return are white space to JSON, so both are passed on. */
  #readRest(bytes: Buffer, start: number, end: number, sink: Sink): number {
    const found = bytes.indexOf(NEWLINE, start);
    const lineEnds = found >= 0 && found < end;
    const stop = lineEnds ? found : end;
    if (this.#line === 'data' && stop > start) {
      sink.piece(bytes, start, stop);
      this.#hasData = true;
    }
    if (!lineEnds) return end;
    this.#line = 'field';
    this.#matched = 0;
    return stop + 1;
  }
}
