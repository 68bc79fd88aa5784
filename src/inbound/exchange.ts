import type { ServerResponse } from 'node:http';
import type { Body } from '../core/body.ts';
import type { JsonObject } from '../core/json.ts';
import type { RpcError } from '../core/reply.ts';
import { errorHeaders } from '../wire/challenge.ts';
import { type Id, idText } from '../wire/jsonrpc.ts';
import { responseEnds } from '../wire/response-line.ts';
import type { Streams } from './event-sink.ts';
import { QUIET_MS, ResponseStream } from './response-stream.ts';
import { type Answering, errorWire, StreamExchange } from './stream-exchange.ts';

export { QUIET_MS } from './response-stream.ts';

const NO_HEADERS: Readonly<Record<string, string>> = {};

/**
 * The answer to one POSTed request. It is plain JSON unless something has to be said before the result: then it
 * turns into an event stream, whose last event is the result.
 *
 * > If the input is a JSON-RPC request, the server MUST either return `Content-Type: text/event-stream` … or
 * > `Content-Type: application/json`  (basic/transports/streamable-http)
 */
export class Exchange implements Answering {
  readonly #res: ServerResponse;
  readonly #id: Id;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #streams: Streams | undefined;
  readonly #quiet: NodeJS.Timeout;
  #stream: StreamExchange | undefined;
  #done = false;

  /** @param streams makes the stream, should it come to one; by default one that ends with its connection */
  constructor(res: ServerResponse, id: Id, headers = NO_HEADERS, streams?: Streams) {
    this.#res = res;
    this.#id = id;
    this.#headers = headers;
    this.#streams = streams;
    this.#quiet = setTimeout(this.#signOfLife, QUIET_MS);
  }

  /** The connection is gone. The exchange ends, but for a stream that the client can come back to. */
  abandon(): void {
    if (this.#stream?.isOver !== false) this.#end();
  }

  notify(method: string, params: JsonObject): void {
    if (!this.#isOver) this.#streaming().notify(method, params);
  }

  request(id: number, method: string, params: JsonObject): void {
    if (!this.#isOver) this.#streaming().request(id, method, params);
  }

  result(body: Body): void {
    if (this.#isOver) return;
    if (this.#stream) return this.#stream.result(body);
    const { head, tail } = responseEnds(idText(this.#id));
    const chunks = body.chunks;
    if (!chunks) return this.#json(200, head + body.text + tail);
    this.#end();
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

  error(error: RpcError, status: number): void {
    if (this.#isOver) return;
    if (this.#stream) this.#stream.error(error);
    else
      this.#json(status, errorWire(idText(this.#id), error), status < 400 ? NO_HEADERS : errorHeaders(error));
  }

  #json(status: number, text: string, headers = NO_HEADERS): void {
    this.#end();
    const own = { 'content-type': 'application/json', 'content-length': text.length };
    // Nearly no answer has others.
    const hasMore = this.#headers !== NO_HEADERS || headers !== NO_HEADERS;
    this.#res.writeHead(status, hasMore ? { ...this.#headers, ...headers, ...own } : own);
    this.#res.end(text, 'latin1');
  }

  /** Is there nobody left to say anything to? */
  get #isOver(): boolean {
    return this.#done || (this.#stream?.isOver ?? this.#res.destroyed);
  }

  #end(): void {
    this.#done = true;
    clearTimeout(this.#quiet);
  }

  #streaming(): StreamExchange {
    if (this.#stream) return this.#stream;
    clearTimeout(this.#quiet);
    const sink =
      this.#streams?.stream(this.#res, this.#headers) ?? new ResponseStream(this.#res, this.#headers);
    this.#stream = new StreamExchange(sink, this.#id, () => sink.end());
    return this.#stream;
  }

  readonly #signOfLife = (): void => {
    if (this.#isOver) return;
    this.#streaming().keepAlive();
  };
}
