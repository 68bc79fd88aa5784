import type { Readable, Writable } from 'node:stream';
import { Cancellation } from '../../core/cancellation.ts';
import type { Handler } from '../../core/handler.ts';
import { isObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Principal } from '../../core/principal.ts';
import { failure, type Failure } from '../../core/reply.ts';
import { type Id, idText, isId, readMessage } from '../../wire/jsonrpc.ts';
import { LineReader } from '../../wire/lines.ts';
import { parseJson } from '../body.ts';
import { eraOf } from '../era.ts';
import { Dispatch } from '../legacy/dispatch.ts';
import { EventStream } from '../legacy/event-stream.ts';
import { OneStream, STRANGER } from '../legacy/one-stream.ts';
import { endSession, newSession, type Session } from '../legacy/session.ts';
import { ModernEdge } from '../modern/edge.ts';
import { errorWire, StreamExchange } from '../stream-exchange.ts';
import { LineSink } from './line-sink.ts';

export interface StdioOptions {
  readonly handle: Handler;
  readonly self: { readonly name: string; readonly version: string };
  /** Bytes that one message may have. */
  readonly lineBytes: number;
  readonly principal: Principal;
  readonly input: Readable;
  readonly output: Writable;
}

/** How often a drain looks whether the calls under way have been answered. */
const LOOK_MS = 50;

/**
 * MCP on a pair of pipes, for the one client at their other ends. Which era it speaks is seen message by message:
 *
 * > initialize ⇒ legacy, a request with the modern envelope ⇒ modern  (basic/versioning)
 */
export class StdioEdge {
  readonly #options: StdioOptions;
  readonly #sink: LineSink;
  readonly #modern: ModernEdge;
  readonly #legacy: OneStream;
  readonly #session: Session;
  /** Modern requests without an answer, by the client's ids. */
  readonly #underway = new Map<Id, { cancellation: Cancellation; exchange: StreamExchange }>();
  /** Resolves when the client is gone: it has closed its end of one of the pipes. */
  readonly closed: Promise<void>;

  constructor(options: StdioOptions) {
    const { handle, self, lineBytes, principal, input, output } = options;
    this.#options = options;
    this.#sink = new LineSink(output);
    this.#modern = new ModernEdge(handle, self);
    this.#legacy = new OneStream(new Dispatch(handle, self));
    this.#session = newSession({ principal, scope: undefined, client: STRANGER, over: 'stdio' });
    this.#session.stream = new EventStream(this.#sink);
    const reader = new LineReader(
      {
        text: (line) => this.#line(Buffer.from(line, 'latin1')),
        chunks: (chunks) => this.#line(Buffer.concat(chunks)),
        overflow: () => this.#refuse(null, failure('body_too_large', `The limit is ${lineBytes} bytes.`)),
      },
      lineBytes,
    );
    input.on('data', (chunk: Buffer) => reader.push(chunk));
    this.closed = new Promise((resolve) => {
      for (const ending of ['end', 'close', 'error']) input.once(ending, resolve);
      for (const ending of ['close', 'error']) output.once(ending, resolve);
    });
  }

  /** Takes nothing more, waits up to `ms` for the calls under way, and ends the rest. */
  async drain(ms: number): Promise<void> {
    this.#options.input.removeAllListeners('data').pause();
    const deadline = Date.now() + ms;
    const isBusy = (): boolean => this.#underway.size > 0 || this.#session.inFlight.length > 0;
    while (isBusy() && !this.#sink.isOver && Date.now() < deadline)
      await new Promise<void>((resolve) => {
        setTimeout(resolve, LOOK_MS);
      });
    endSession(this.#session, 'the client is gone');
    for (const { cancellation } of this.#underway.values()) cancellation.cancel('the client is gone');
  }

  #line(bytes: Buffer): void {
    const parsed = parseJson(bytes);
    if (parsed) return this.#receive(parsed.json);
    // A blank line is no message, and no mistake worth an answer.
    if (bytes.some((byte) => byte > 32)) this.#refuse(null, failure('parse_error'));
  }

  #receive(value: JsonValue): void {
    if (isObject(value) && value['method'] === 'notifications/cancelled') this.#cancelled(value);
    const era = eraOf(value, undefined);
    if (typeof era === 'object') return this.#refuse(idOf(value), era);
    if (era === 'modern') return this.#request(value);
    const messages = this.#legacy.read(value, this.#session);
    if ('kind' in messages) return this.#refuse(idOf(value), messages);
    for (const message of messages) this.#legacy.receive(message, this.#session);
  }

  /** A message with the modern envelope. */
  #request(value: JsonValue): void {
    const message = readMessage(value);
    if (message?.kind === 'notification') return;
    if (message?.kind !== 'request') return this.#refuse(idOf(value), failure('invalid_request'));
    const { id } = message;
    // > The request ID MUST NOT be equal to another one in flight of the same sender  (basic/index)
    if (this.#underway.has(id)) return this.#refuse(id, failure('invalid_request', 'This id is in use.'));
    const cancellation = new Cancellation();
    const exchange = new StreamExchange(this.#sink, id, () => this.#underway.delete(id));
    this.#underway.set(id, { cancellation, exchange });
    const { principal } = this.#options;
    this.#modern.request(message, undefined, { principal, scope: undefined, cancellation }, exchange);
  }

  /** > after it the server sends nothing for that id  (basic/patterns/cancellation, stdio) */
  #cancelled({ params }: JsonObject): void {
    const id = isObject(params) ? params['requestId'] : undefined;
    const underway = isId(id) ? this.#underway.get(id) : undefined;
    underway?.exchange.abandon();
    underway?.cancellation.cancel('the client cancelled the request');
  }

  #refuse(id: Id | null, { error }: Failure): void {
    this.#sink.send(errorWire(idText(id), error));
  }
}

/** The id of a request that is refused; null where there is none to be read. */
function idOf(value: JsonValue): Id | null {
  const id = isObject(value) ? value['id'] : undefined;
  return isId(id) ? id : null;
}
