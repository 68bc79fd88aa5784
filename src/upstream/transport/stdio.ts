import { PipeWriter, readPipe } from './pipe.ts';
import { type Command, ServerProcess } from './process.ts';
import { StderrTail } from './stderr.ts';
import type { Transport, TransportEvents } from './transport.ts';

export interface StdioOptions {
  readonly command: Command;
  readonly lineLimit: number;
  readonly stopMs: number;
  /** Takes secret values out of what the server printed. */
  readonly hide: (text: string) => string;
  readonly onStderr: (line: string) => void;
}

/** A local command that speaks JSON-RPC on its standard streams. */
export class StdioTransport implements Transport {
  readonly #process: ServerProcess;
  readonly #writer: PipeWriter;
  readonly #stopMs: number;
  #closing: Promise<void> | undefined;

  constructor(options: StdioOptions, events: TransportEvents) {
    this.#stopMs = options.stopMs;
    this.#process = new ServerProcess(options.command);
    this.#writer = new PipeWriter(this.#process.stdin);
    const stderr = new StderrTail(this.#process.stderr, options.hide, options.onStderr);
    readPipe(this.#process.stdout, events, options.lineLimit);
    void this.#process.exited.then((reason) => {
      const neverRan = this.pid === undefined;
      events.closed({ reason, stderr: stderr.lines(20), ...(neverRan && { neverRan }) });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
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
    await this.#process.stop(this.#stopMs / 2);
  }
}
