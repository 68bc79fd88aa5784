import type { Command } from './process.ts';
import { type StdioOptions, StdioTransport } from './stdio.ts';
import type { Transport, TransportEvents } from './transport.ts';

/** A command with something around it: a container, a sandbox. */
export interface Prepared {
  readonly command: Command;
  /**
   * What is to be done once the command runs, and before anything is said to it. A failure ends it.
   * @param over aborts when the command has ended
   */
  started?(over: AbortSignal): Promise<void>;
  /** Ends what does not end with the command itself. Called once, after the command is gone. */
  tidy?(): Promise<void>;
}

export interface PreparedOptions extends Omit<StdioOptions, 'command'> {
  /** Something was left behind. */
  readonly onLeft: (problem: string) => void;
}

/**
 * Prepares a command and starts it.
 * @param prepare may throw: its message is why the server could not start
 */
export async function startPrepared(
  prepare: () => Promise<Prepared>,
  options: PreparedOptions,
  events: TransportEvents,
): Promise<Transport> {
  try {
    const transport = new PreparedTransport(await prepare(), options, events);
    await transport.begin();
    return transport;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    events.closed({ reason: options.hide(reason), stderr: [] });
    return { send: () => false, close: async () => {} };
  }
}

class PreparedTransport implements Transport {
  readonly #stdio: StdioTransport;
  readonly #prepared: Prepared;
  readonly #onLeft: (problem: string) => void;
  readonly #over = new AbortController();
  #tidying: Promise<void> | undefined;
  /** Why it is ended. */
  #problem: string | undefined;

  constructor(prepared: Prepared, { onLeft, ...options }: PreparedOptions, events: TransportEvents) {
    this.#prepared = prepared;
    this.#onLeft = onLeft;
    this.#stdio = new StdioTransport(
      { ...options, command: prepared.command },
      {
        message: (message, relatedTo) => events.message(message, relatedTo),
        overflow: (id, size) => events.overflow(id, size),
        junk: (size) => events.junk(size),
        closed: (ending) => {
          // The command may have ended by itself, and what it started not.
          this.#over.abort();
          void this.#tidy();
          events.closed(this.#problem === undefined ? ending : { ...ending, reason: this.#problem });
        },
      },
    );
  }

  get pid(): number | undefined {
    return this.#stdio.pid;
  }

  /** Resolves when something can be said to it, or it has ended. Never rejects. */
  async begin(): Promise<void> {
    try {
      await this.#prepared.started?.(this.#over.signal);
    } catch (error) {
      if (this.#over.signal.aborted) return;
      this.#problem = error instanceof Error ? error.message : String(error);
      await this.close();
    }
  }

  send(message: string): boolean {
    return this.#stdio.send(message);
  }

  async close(): Promise<void> {
    await this.#stdio.close();
    await this.#tidy();
  }

  #tidy(): Promise<void> {
    this.#tidying ??= Promise.resolve(this.#prepared.tidy?.()).catch((error: unknown) =>
      this.#onLeft(error instanceof Error ? error.message : String(error)),
    );
    return this.#tidying;
  }
}
