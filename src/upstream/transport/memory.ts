import { PassThrough } from 'node:stream';
import { PipeWriter, readPipe } from './pipe.ts';
import type { Transport, TransportEvents } from './transport.ts';

/** Starts a server on a pair of streams, as if they were its stdin and stdout. */
export type ServeOver = (input: PassThrough, output: PassThrough) => Promise<{ close(): Promise<void> }>;

/** A built-in server in this process. It speaks the same framing as a command does, so there is one code path. */
export class MemoryTransport implements Transport {
  readonly #input = new PassThrough();
  readonly #output = new PassThrough();
  readonly #writer = new PipeWriter(this.#input);
  readonly #server: Promise<{ close(): Promise<void> } | undefined>;
  readonly #events: TransportEvents;
  #closing: Promise<void> | undefined;

  constructor(serve: ServeOver, lineLimit: number, events: TransportEvents) {
    this.#events = events;
    readPipe(this.#output, events, lineLimit);
    this.#server = serve(this.#input, this.#output).catch((error: unknown) => {
      events.closed({ reason: error instanceof Error ? error.message : String(error), stderr: [] });
      return undefined;
    });
  }

  send(message: string): boolean {
    return this.#writer.send(message);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#writer.end();
    const server = await this.#server;
    if (!server) return;
    // One that fails to close is as gone as it can be: nothing is sent to it any more.
    await server.close().catch(() => {});
    this.#events.closed({ reason: 'it was stopped', stderr: [] });
  }
}
