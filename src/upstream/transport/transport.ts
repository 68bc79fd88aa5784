import type { Incoming } from '../../wire/response-line.ts';

/** A way to and from one running server: messages out, messages in, and the end. */
export interface Transport {
  /**
   * Sends one JSON-RPC message.
   * @returns false when the server does not take in what is already waiting for it; then nothing was sent
   */
  send(message: string): boolean;
  /** Ends the server, gently first. Resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** What a transport tells its owner. */
export interface TransportEvents {
  message(message: Incoming): void;
  /** A message over the size limit was thrown away; the request it answered, where that can be told. */
  overflow(id: number | undefined, size: number): void;
  /** A line that is no JSON-RPC message. */
  junk(size: number): void;
  /** The server is gone. Said once, also after `close()`. */
  closed(ending: Ending): void;
}

/** How a server ended, for people: what happened in a sentence, and the last it printed on stderr. */
export interface Ending {
  readonly reason: string;
  readonly stderr: readonly string[];
}
