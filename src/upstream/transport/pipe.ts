import type { Readable, Writable } from 'node:stream';
import { LineReader } from '../../wire/lines.ts';
import { idAtTheEnds, readChunks, readLine } from '../../wire/response-line.ts';
import type { TransportEvents } from './transport.ts';
import { largeLineRead } from './young-garbage.ts';

/** Bytes that may wait for a server that does not read its input. */
const QUEUE_LIMIT = 16 * 1024 * 1024;

/**
 * The writing end of a newline-delimited pipe. What one turn of the event loop brings is written at once: a write for
 * each message costs the server more than the message does (docs/architecture.md, "The hot path").
 */
export class PipeWriter {
  readonly #stream: Writable;
  #queue = '';
  #armed = false;
  #full = false;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('drain', () => {
      this.#full = false;
      if (this.#queue !== '') this.#arm();
    });
    // A server that closes its input is about to end; its exit is what gets reported.
    stream.on('error', () => {});
  }

  /** @returns false when too much is waiting already */
  send(message: string): boolean {
    // A server that closed its input is about to end, and its exit says more than a refusal; but it may stay, too.
    const stuck = this.#full || !this.#stream.writable;
    if (stuck && this.#queue.length + message.length > QUEUE_LIMIT) return false;
    this.#queue += `${message}\n`;
    if (!this.#full) this.#arm();
    return true;
  }

  /** Writes what waits and closes the pipe: for a stdio server, the sign to end. */
  end(): void {
    if (this.#queue !== '' && this.#stream.writable) this.#stream.write(this.#queue);
    this.#queue = '';
    this.#stream.end();
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#armed = false;
    if (this.#queue === '' || !this.#stream.writable) return;
    const text = this.#queue;
    this.#queue = '';
    this.#full = !this.#stream.write(text);
  }
}

/** Reads messages from a newline-delimited pipe and hands them on. */
export function readPipe(stream: Readable, events: Omit<TransportEvents, 'closed'>, lineLimit: number): void {
  const reader = new LineReader(
    {
      text(line, isAscii) {
        const message = readLine(line, isAscii || undefined);
        if (message) events.message(message);
        else if (line.trim() !== '') events.junk(line.length);
      },
      chunks(chunks, size) {
        largeLineRead(size);
        const message = readChunks(chunks, size);
        if (message) events.message(message);
        else events.junk(size);
      },
      overflow: (head, tail, size) => events.overflow(idAtTheEnds(head, tail), size),
    },
    lineLimit,
  );
  stream.on('data', (chunk: Buffer) => reader.push(chunk));
  stream.on('error', () => {});
}
