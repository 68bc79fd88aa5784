import type { JsonObject } from '../../core/json.ts';
import type { Incoming } from '../../wire/response-line.ts';

/** A way to and from one running server: messages out, messages in, and the end. */
export interface Transport {
  /**
   * Has every request a stream of its own, as over Streamable HTTP? Then what comes on it belongs to that request.
   * Absent: everything comes on one stream, in the order in which it was sent.
   */
  readonly streamPerRequest?: boolean | undefined;
  /**
   * Sends one JSON-RPC message.
   * @param outline what the message says, unless it is an answer; HTTP repeats some of it in headers
   * @returns false when the server does not take in what is already waiting for it; then nothing was sent
   */
  send(message: string, outline?: Outline): boolean;
  /**
   * Nobody waits for the answer to this request any more.
   * @returns true when that alone tells the server so
   */
  cancel?(id: number): boolean;
  /** A legacy server has answered `initialize`, with this version. */
  opened?(protocolVersion: string): void;
  /** Of the process, where it is one of this machine. */
  readonly pid?: number | undefined;
  /** Ends the server, gently first. Resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** What a message says. */
export interface Outline {
  /** Undefined for a notification. */
  readonly id?: number;
  readonly method: string;
  readonly params: JsonObject;
  /** `Mcp-Param-*` headers, where the message goes over HTTP. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What a transport tells its owner. */
export interface TransportEvents {
  /** @param relatedTo the request on whose stream it came, where requests have streams */
  message(message: Incoming, relatedTo?: number): void;
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
  /** There was no process at all: the system refused to start it. */
  readonly neverRan?: boolean;
  /** Which server it was. */
  readonly server?: string;
}
