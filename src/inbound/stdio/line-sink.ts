import type { Writable } from 'node:stream';
import { unbroken, unbrokenBytes } from '../../wire/lines.ts';
import type { EventSink, MessageBytes } from '../event-sink.ts';

/** Bytes that may wait for a client who does not read. One who is further behind is cut off. */
const MOST_BEHIND = 64 * 1024 * 1024;
const NEWLINE = Buffer.from('\n');

/** Messages as the lines of a pipe. There is one for everything, and it ends with the process. */
export class LineSink implements EventSink {
  readonly #output: Writable;

  constructor(output: Writable) {
    this.#output = output;
  }

  get isOver(): boolean {
    return !this.#output.writable;
  }

  get isAttached(): boolean {
    return !this.isOver;
  }

  /** > Messages are delimited by newlines, and MUST NOT contain embedded newlines.  (basic/transports/stdio) */
  send(message: MessageBytes): void {
    if (this.isOver) return;
    if (this.#output.writableLength > MOST_BEHIND) return void this.#output.destroy();
    if (typeof message === 'string') return void this.#output.write(`${unbroken(message)}\n`, 'latin1');
    this.#output.cork();
    for (const chunk of message) this.#output.write(unbrokenBytes(chunk));
    this.#output.write(NEWLINE);
    this.#output.uncork();
  }

  /** Nothing stands between the two ends of a pipe that would grow impatient. */
  keepAlive(): void {}

  /** The pipe is not ours to close, and other answers may still go out on it. */
  end(): void {}
}
