import type { JsonObject } from '../../core/json.ts';
import type { EventSink } from '../event-sink.ts';
import { notificationWire } from '../stream-exchange.ts';

/** The stream of a session for what the server says outside of any call. */
export class EventStream {
  readonly sink: EventSink;

  constructor(sink: EventSink) {
    this.sink = sink;
  }

  /** Is the client listening? */
  get isOpen(): boolean {
    return this.sink.isAttached;
  }

  notify(method: string, params: JsonObject): void {
    const message = notificationWire(method, params);
    if (message !== undefined && !this.sink.isOver) this.sink.send(message);
  }

  close(): void {
    this.sink.end();
  }
}
