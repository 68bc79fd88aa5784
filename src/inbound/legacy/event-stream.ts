import type { ServerResponse } from 'node:http';
import type { JsonObject } from '../../core/json.ts';
import { notificationText } from '../../wire/jsonrpc.ts';
import { KEEP_ALIVE, SSE_HEADERS, sseEvent } from '../../wire/sse.ts';
import { QUIET_MS } from '../exchange.ts';

/** The stream that a GET opens: for what the server says outside of any call. */
export class EventStream {
  readonly #res: ServerResponse;
  readonly #timer: NodeJS.Timeout;

  constructor(res: ServerResponse, onClose: () => void) {
    this.#res = res;
    res.writeHead(200, SSE_HEADERS);
    // Headers alone would wait for the first event.
    res.flushHeaders();
    this.#timer = setInterval(() => res.write(KEEP_ALIVE), QUIET_MS);
    res.once('close', () => {
      clearInterval(this.#timer);
      onClose();
    });
  }

  notify(method: string, params: JsonObject): void {
    if (!this.#res.destroyed) this.#res.write(sseEvent(notificationText(method, params)));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#res.end();
  }
}
