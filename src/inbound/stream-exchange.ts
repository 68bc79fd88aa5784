import { type Body, toWire } from '../core/body.ts';
import type { JsonObject } from '../core/json.ts';
import { failure, type RpcError } from '../core/reply.ts';
import { errorText, type Id, idText, notificationText, requestText } from '../wire/jsonrpc.ts';
import { responseEnds } from '../wire/response-line.ts';
import type { EventSink } from './event-sink.ts';

/** What can be said to a client about its request: notifications and questions, then a result or an error. */
export interface Answering {
  /** Says something before the result. */
  notify(method: string, params: JsonObject): void;
  /** Asks the client something before the result; its response comes with another POST. Legacy clients only. */
  request(id: number, method: string, params: JsonObject): void;
  /**
   * The result. Its bytes go out as they are.
   * @throws when there is no JSON text of it; nothing is sent then, and an error still can be
   */
  result(body: Body): void;
  /**
   * An error. `status` counts only where the answer is all of an HTTP response.
   * @throws as {@link result} does
   */
  error(error: RpcError, status: number): void;
}

/** The answer to one request on a stream of events, which it may share with others. */
export class StreamExchange implements Answering {
  readonly #sink: EventSink;
  readonly #id: string;
  readonly #ended: () => void;
  #done = false;

  /** @param ended is called once, when the answer was sent */
  constructor(sink: EventSink, id: Id, ended: () => void) {
    this.#sink = sink;
    this.#id = idText(id);
    this.#ended = ended;
  }

  /** Is there nobody left to say anything to? */
  get isOver(): boolean {
    return this.#done || this.#sink.isOver;
  }

  notify(method: string, params: JsonObject): void {
    if (this.isOver) return;
    const message = notificationWire(method, params);
    if (message !== undefined) this.#sink.send(message);
  }

  request(id: number, method: string, params: JsonObject): void {
    if (!this.isOver) this.#sink.send(toWire(requestText(id, method, params)));
  }

  result(body: Body): void {
    if (this.#done) return;
    const { head, tail } = responseEnds(this.#id);
    const message = body.chunks
      ? [Buffer.from(head, 'latin1'), ...body.chunks, Buffer.from(tail, 'latin1')]
      : head + body.text + tail;
    this.#last(message, () => errorWire(this.#id, TOO_LARGE));
  }

  error(error: RpcError): void {
    if (!this.#done) this.#last(errorWire(this.#id, error));
  }

  /** Nothing more is said about the request: its client does not want to hear it. */
  abandon(): void {
    if (this.#done) return;
    this.#done = true;
    this.#ended();
  }

  keepAlive(): void {
    this.#sink.keepAlive();
  }

  #last(message: string | readonly Buffer[], instead?: () => string): void {
    this.#done = true;
    if (!this.#sink.isOver) this.#sink.send(message, instead);
    this.#ended();
  }
}

const TOO_LARGE = failure('server_reply_too_large', 'It was not kept for a client that was away.').error;

/** A notification as wire text, or undefined for one nested deeper than JSON.stringify can follow. */
export function notificationWire(method: string, params: JsonObject): string | undefined {
  try {
    return toWire(notificationText(method, params));
  } catch {
    return undefined; // No notification is worth more than the call.
  }
}

/** @param id as wire text */
export function errorWire(id: string, error: RpcError): string {
  return toWire(errorText(null, error)).replace('"id":null', () => `"id":${id}`);
}
