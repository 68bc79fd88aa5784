import type { ServerResponse } from 'node:http';
import type { Body } from '../core/body.ts';
import type { JsonObject } from '../core/json.ts';
import type { RpcError } from '../core/reply.ts';
import { errorText, type Id, idText, notificationText, requestText } from '../wire/jsonrpc.ts';
import { responseEnds } from '../wire/response-line.ts';
import { KEEP_ALIVE, SSE_HEADERS, sseBytes, sseEvent } from '../wire/sse.ts';

/** A quiet call becomes a stream after this time, and a quiet stream gets a sign of life, before a proxy closes it. */
export const QUIET_MS = 15_000;

/**
 * The answer to one POSTed request. It is plain JSON unless something has to be said before the result: then it
 * turns into an event stream, whose last event is the result.
 *
 * > If the input is a JSON-RPC request, the server MUST either return `Content-Type: text/event-stream` … or
 * > `Content-Type: application/json`  (basic/transports/streamable-http)
 */
export class Exchange {
  readonly #res: ServerResponse;
  readonly #id: string;
  readonly #headers: Record<string, string>;
  #quiet: NodeJS.Timeout;
  #streaming = false;
  #done = false;

  constructor(res: ServerResponse, id: Id, headers: Record<string, string> = {}) {
    this.#res = res;
    this.#id = idText(id);
    this.#headers = headers;
    this.#quiet = setTimeout(this.#signOfLife, QUIET_MS);
  }

  /** Ends the exchange without an answer: its client is gone. */
  abandon(): void {
    this.#end();
  }

  /** Says something before the result. */
  notify(method: string, params: JsonObject): void {
    if (this.#isOver) return;
    let event: string;
    try {
      event = sseEvent(notificationText(method, params));
    } catch {
      return; // Nested deeper than JSON.stringify can follow: no notification is worth more than the call.
    }
    this.#stream();
    this.#res.write(event);
  }

  /** Asks the client something before the result; its response comes with another POST. Legacy clients only. */
  request(id: number, method: string, params: JsonObject): void {
    if (this.#isOver) return;
    const event = sseEvent(requestText(id, method, params));
    this.#stream();
    this.#res.write(event);
  }

  /**
   * The result. Its bytes go out as they are.
   * @throws when there is no JSON text of it; nothing is sent then, and an error still can be
   */
  result(body: Body): void {
    if (this.#isOver) return;
    const { head, tail } = responseEnds(this.#id);
    const chunks = body.chunks;
    const text = chunks ? '' : head + body.text + tail;
    this.#end();
    if (this.#streaming) {
      if (!chunks) return void this.#res.end(sseEvent(text), 'latin1');
      this.#res.write(`event: message\ndata: ${head}`, 'latin1');
      for (const chunk of chunks) this.#res.write(sseBytes(chunk));
      return void this.#res.end(`${tail}\n\n`, 'latin1');
    }
    if (!chunks) return this.#json(200, text);
    const length = head.length + body.size + tail.length;
    this.#res.writeHead(200, {
      ...this.#headers,
      'content-type': 'application/json',
      'content-length': length,
    });
    this.#res.cork();
    this.#res.write(head, 'latin1');
    for (const chunk of chunks) this.#res.write(chunk);
    this.#res.end(tail, 'latin1');
    this.#res.uncork();
  }

  /**
   * An error. `status` counts only while no stream was opened.
   * @throws as {@link result} does
   */
  error(error: RpcError, status: number): void {
    if (this.#isOver) return;
    // Ids are wire text already; the rest of an error may hold any characters.
    const text = Buffer.from(errorText(null, error), 'utf8')
      .toString('latin1')
      .replace('"id":null', () => `"id":${this.#id}`);
    this.#end();
    if (this.#streaming) this.#res.end(sseEvent(text), 'latin1');
    else this.#json(status, text);
  }

  #json(status: number, text: string): void {
    this.#res.writeHead(status, {
      ...this.#headers,
      'content-type': 'application/json',
      'content-length': text.length,
    });
    this.#res.end(text, 'latin1');
  }

  /** Is there nobody left to say anything to? */
  get #isOver(): boolean {
    return this.#done || this.#res.destroyed;
  }

  #end(): void {
    this.#done = true;
    clearTimeout(this.#quiet);
  }

  #stream(): void {
    if (this.#streaming) return;
    this.#streaming = true;
    this.#res.writeHead(200, { ...this.#headers, ...SSE_HEADERS });
  }

  readonly #signOfLife = (): void => {
    if (this.#isOver) return;
    this.#stream();
    this.#res.write(KEEP_ALIVE);
    this.#quiet = setTimeout(this.#signOfLife, QUIET_MS);
  };
}
