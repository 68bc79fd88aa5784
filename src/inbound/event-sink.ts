import type { ServerResponse } from 'node:http';
import { sseBytes, sseEvent } from '../wire/sse.ts';

/** A JSON-RPC message as wire text, or as the chunks of a large one. */
export type MessageBytes = string | readonly Buffer[];
/** One server-sent event, ready to be written. */
export type EventBytes = string | readonly Buffer[];

/** Where the messages of an event stream go. */
export interface EventSink {
  /** Will nobody ever read what is sent now? */
  readonly isOver: boolean;
  /** Is somebody reading right now? */
  readonly isAttached: boolean;
  /**
   * @param instead is kept for a client that is away, where the message is too large to be kept
   */
  send(message: MessageBytes, instead?: () => string): void;
  /** A sign of life for whatever stands between us and a client that waits. */
  keepAlive(): void;
  end(): void;
}

/** Turns a stream on when the first thing is to be said on it. */
export interface Streams {
  stream(res: ServerResponse, headers?: Readonly<Record<string, string>>): EventSink;
}

/** @param id the event's own id, for streams that can be resumed */
export function eventOf(message: MessageBytes, id?: string): EventBytes {
  const name = id === undefined ? '' : `id: ${id}\n`;
  if (typeof message === 'string') return name + sseEvent(message);
  return [
    Buffer.from(`${name}event: message\ndata: `, 'latin1'),
    ...message.map(sseBytes),
    Buffer.from('\n\n', 'latin1'),
  ];
}
