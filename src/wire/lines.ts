import { isAscii } from 'node:buffer';

/**
 * The framing of the stdio transport: bytes in, lines out.
 *
 * > Messages are delimited by newlines, and MUST NOT contain embedded newlines.  (basic/transports/stdio)
 *
 * The cost is linear in the bytes whatever their pieces: a newline is looked for in each chunk once, and a long line is
 * kept as the chunks it came in.
 */
export interface LineSink {
  /** A short line, as wire text (one character a byte). It has ASCII only, or is not known to. */
  text(line: string, isAscii: boolean): void;
  /** A long line, as the chunks it came in. */
  chunks(chunks: Buffer[], size: number): void;
  /** A line over the limit. Only its two ends are kept, as wire text: an id stands at one of them. */
  overflow(head: string, tail: string, size: number): void;
}

/** Up to this many bytes a line is handed on as one string; above it, copying would cost more than it saves. */
const SMALL = 16 * 1024;
/** Bytes of each end that are kept of a line over the limit. */
const END = 256;
/** A piece below this many bytes is a crumb, and this many crumbs in a row are made one piece. */
const CRUMB = 1024;
const CRUMBS = 256;

export class LineReader {
  readonly #sink: LineSink;
  readonly #limit: number;
  #parts: Buffer[] = [];
  #size = 0;
  /** How many of the last parts are crumbs: a Buffer costs more than the byte that a hostile server may put into one. */
  #crumbs = 0;
  /** The first bytes of a line that is over the limit and is being skipped, and its last ones so far. */
  #skipped: { head: string; tail: string } | undefined;

  /** @param limit bytes a line may have */
  constructor(sink: LineSink, limit: number) {
    this.#sink = sink;
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    let start = 0;
    let newline: number;
    // Asked once for all the short lines of the chunk.
    let isPlain: boolean | undefined;
    while ((newline = chunk.indexOf(10, start)) !== -1) {
      if (this.#size === 0 && newline - start <= SMALL && newline - start <= this.#limit) {
        isPlain ??= isAscii(chunk);
        if (newline > start) this.#sink.text(chunk.toString('latin1', start, newline), isPlain);
      } else {
        this.#add(chunk.subarray(start, newline));
        this.#end();
      }
      start = newline + 1;
    }
    if (start < chunk.length) this.#add(start === 0 ? chunk : chunk.subarray(start));
  }

  #add(part: Buffer): void {
    if (part.length === 0) return;
    this.#size += part.length;
    if (this.#skipped) {
      this.#skipped.tail = (this.#skipped.tail + lastOf(part)).slice(-END);
      return;
    }
    this.#parts.push(part);
    this.#crumbs = part.length < CRUMB ? this.#crumbs + 1 : 0;
    if (this.#crumbs === CRUMBS) {
      this.#parts.push(Buffer.concat(this.#parts.splice(-CRUMBS)));
      this.#crumbs = 0;
    }
    if (this.#size <= this.#limit) return;
    this.#skipped = {
      head: latin1(this.#parts, END),
      tail: this.#parts.reduce((tail, each) => (tail + lastOf(each)).slice(-END), ''),
    };
    this.#parts = [];
  }

  #end(): void {
    const [parts, size, skipped] = [this.#parts, this.#size, this.#skipped];
    this.#parts = [];
    this.#size = 0;
    this.#crumbs = 0;
    this.#skipped = undefined;
    if (skipped) this.#sink.overflow(skipped.head, skipped.tail, size);
    else if (size <= SMALL)
      this.#sink.text(
        latin1(parts, size),
        parts.every((part) => isAscii(part)),
      );
    else this.#sink.chunks(parts, size);
  }
}

function lastOf(part: Buffer): string {
  return part.toString('latin1', Math.max(0, part.length - END));
}

function latin1(parts: readonly Buffer[], most: number): string {
  let text = '';
  for (const part of parts) {
    if (text.length >= most) break;
    text += part.toString('latin1', 0, most - text.length);
  }
  return text;
}

/** JSON text without the line breaks that may stand between its tokens. As wire text or as it is. */
export function unbroken(json: string): string {
  return json.includes('\n') || json.includes('\r') ? json.replaceAll(/[\n\r]/g, ' ') : json;
}

/** The same for bytes, copied only where there is a line break. */
export function unbrokenBytes(chunk: Buffer): Buffer {
  if (!chunk.includes(10) && !chunk.includes(13)) return chunk;
  return Buffer.from(chunk.map((byte) => (byte === 10 || byte === 13 ? 32 : byte)));
}
