import type { Client } from '../../core/call.ts';
import type { JsonValue } from '../../core/json.ts';
import { failure, type Failure } from '../../core/reply.ts';
import { type Message, readMessage } from '../../wire/jsonrpc.ts';
import { StreamExchange } from '../stream-exchange.ts';
import { readBatch } from './batch.ts';
import { answer, type Dispatch, type Request } from './dispatch.ts';
import type { Session } from './session.ts';

/** Who has a stream and has not said `initialize` yet. */
export const STRANGER: Client = {
  era: 'legacy',
  protocolVersion: '2024-11-05',
  info: undefined,
  capabilities: {},
};

/**
 * Legacy sessions that are older than their `initialize`, and that say everything on one stream: over stdio, and over
 * the HTTP+SSE transport of 2024-11-05.
 */
export class OneStream {
  readonly #dispatch: Dispatch;

  constructor(dispatch: Dispatch) {
    this.#dispatch = dispatch;
  }

  /** The messages that a client sent in one piece, or why they are not taken. */
  read(value: JsonValue, session: Session): readonly Message[] | Failure {
    if (Array.isArray(value)) return readBatch(value, session.client.protocolVersion);
    const message = readMessage(value);
    return message ? [message] : failure('invalid_request');
  }

  /** A message of a session. Its answer comes on the session's stream. */
  receive(message: Message, session: Session): void {
    if (message.kind !== 'request') return this.#dispatch.told(message, session);
    const { stream } = session;
    if (!stream) return;
    const exchange = new StreamExchange(stream.sink, message.id, () => {});
    if (message.method === 'initialize') return void this.#initialize(message, session, exchange);
    if (session.client !== STRANGER || message.method === 'ping')
      return this.#dispatch.request(message, session, exchange);
    exchange.error(failure('session_required').error);
  }

  async #initialize(request: Request, session: Session, exchange: StreamExchange): Promise<void> {
    if (session.client !== STRANGER)
      return exchange.error(failure('invalid_request', 'This session is initialized already.').error);
    const { caller, scope } = session;
    const { client, reply } = await this.#dispatch.greet(request, caller, scope, session);
    // Who has left while being greeted hears of nothing more: the session has ended, and would not end it again.
    if (exchange.isOver) return;
    if (reply.kind === 'result') {
      session.client = client;
      this.#dispatch.listen(session);
    }
    answer(exchange, reply, request.method, client.protocolVersion);
  }
}
