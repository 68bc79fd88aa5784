import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Caller } from '../../core/principal.ts';
import { LEGACY_VERSIONS } from '../../core/protocol.ts';
import { failure } from '../../core/reply.ts';
import { type Id, readMessage, requestIdOf } from '../../wire/jsonrpc.ts';
import { refuse } from '../../wire/refuse.ts';
import { Exchange } from '../exchange.ts';
import { StreamExchange } from '../stream-exchange.ts';
import { readBatch } from './batch.ts';
import { answer, type Dispatch, OPENED_WITH, type Request } from './dispatch.ts';
import { EventStream } from './event-stream.ts';
import { newIdentity, type Session, type Sessions } from './session.ts';

/** Streamable HTTP as it was before 2026-07-28: sessions with an id in a header, a GET stream, DELETE. */
export class LegacyEdge {
  readonly #dispatch: Dispatch;
  readonly #sessions: Sessions;

  constructor(dispatch: Dispatch, sessions: Sessions) {
    this.#dispatch = dispatch;
    this.#sessions = sessions;
  }

  /** A POSTed message. */
  post(
    value: JsonObject,
    req: IncomingMessage,
    res: ServerResponse,
    caller: Caller,
    scope: string | undefined,
  ): void {
    const message = readMessage(value);
    if (!message) return refuse(res, failure('invalid_request'), {}, requestIdOf(value));
    if (message.kind === 'request' && message.method === 'initialize')
      return void this.#initialize(message, res, caller, scope);
    const session = this.#session(req, res, caller, scope, requestIdOf(value));
    if (!session) return;
    if (message.kind === 'request') {
      const exchange = new Exchange(res, message.id, undefined, session.events);
      // > Disconnection … SHOULD NOT be interpreted as the client cancelling its request  (basic/transports, 2025-11-25)
      res.on('close', () => exchange.abandon());
      return this.#dispatch.request(message, session, exchange);
    }
    this.#dispatch.told(message, session);
    // > If the input is a JSON-RPC response or notification … the server MUST return HTTP status code 202 Accepted
    // > with no body  (basic/transports, 2025-11-25)
    res.writeHead(202).end();
  }

  /** A POSTed batch: all its answers on one stream. */
  batch(
    values: readonly JsonValue[],
    req: IncomingMessage,
    res: ServerResponse,
    caller: Caller,
    scope: string | undefined,
  ): void {
    const session = this.#session(req, res, caller, scope);
    if (!session) return;
    const messages = readBatch(values, session.client.protocolVersion);
    if ('kind' in messages) return refuse(res, messages);
    const requests = messages.filter((message) => message.kind === 'request');
    for (const message of messages) if (message.kind !== 'request') this.#dispatch.told(message, session);
    if (requests.length === 0) return void res.writeHead(202).end();
    const stream = session.events.stream(res);
    let open = requests.length;
    const answered = (): void => {
      open -= 1;
      if (open === 0) stream.end();
    };
    for (const request of requests)
      this.#dispatch.request(request, session, new StreamExchange(stream, request.id, answered));
  }

  /** GET: opens the stream for what belongs to no call. A newer stream takes the place of an older one. */
  get(req: IncomingMessage, res: ServerResponse, caller: Caller, scope: string | undefined): void {
    const session = this.#session(req, res, caller, scope);
    if (!session) return;
    const lastEventId = req.headers['last-event-id'];
    if (typeof lastEventId === 'string') return resume(session, lastEventId, res);
    const standalone = session.events.standalone();
    session.stream ??= new EventStream(standalone);
    standalone.attach(res);
    // Headers alone would wait for the first event.
    res.flushHeaders();
    this.#dispatch.listen(session);
  }

  /** DELETE: the client is done with its session. */
  delete(req: IncomingMessage, res: ServerResponse, caller: Caller, scope: string | undefined): void {
    const session = this.#session(req, res, caller, scope);
    if (!session) return;
    this.#sessions.end(session, 'the client ended the session');
    res.writeHead(204).end();
  }

  /**
   * The session that a request names, if it is this caller's; else the request is refused.
   * @param id of the message, where it is a request of JSON-RPC
   */
  #session(
    req: IncomingMessage,
    res: ServerResponse,
    caller: Caller,
    scope: string | undefined,
    id: Id | null = null,
  ): Session | undefined {
    const version = req.headers['mcp-protocol-version'];
    // > If the server receives a request with an invalid or unsupported MCP-Protocol-Version, it MUST respond with
    // > 400 Bad Request  (basic/transports, 2025-11-25)
    if (typeof version === 'string' && !OPENED_WITH.has(version)) {
      const supported = [...LEGACY_VERSIONS];
      refuse(res, failure('unsupported_version', undefined, { supported, requested: version }), {}, id);
      return undefined;
    }
    const name = req.headers['mcp-session-id'];
    if (typeof name !== 'string') {
      refuse(res, failure('session_required'), {}, id);
      return undefined;
    }
    const session = this.#sessions.find(name, caller.principal, scope);
    if (session) session.caller = caller;
    else refuse(res, failure('session_not_found'), {}, id);
    return session;
  }

  async #initialize(
    request: Request,
    res: ServerResponse,
    caller: Caller,
    scope: string | undefined,
  ): Promise<void> {
    const identity = newIdentity();
    const { client, reply } = await this.#dispatch.greet(request, caller, scope, identity);
    const version = client.protocolVersion;
    // Opened last: a handshake that fails, or that nobody waited for, leaves nothing behind.
    const session =
      reply.kind === 'result' && !res.destroyed
        ? this.#sessions.open(caller.principal, scope, client, 'streamable', identity)
        : undefined;
    if (!session) identity.ended.cancel('the session was never opened');
    if (reply.kind !== 'result') return answer(new Exchange(res, request.id), reply, 'initialize', version);
    if (!session) return refuse(res, failure('session_limit'), { 'retry-after': '30' }, request.id);
    const exchange = new Exchange(res, request.id, { 'mcp-session-id': session.id });
    answer(exchange, reply, 'initialize', version);
  }
}

/** A client comes back to a stream it has lost. */
function resume(session: Session, lastEventId: string, res: ServerResponse): void {
  const found = session.events.find(lastEventId);
  if (!found)
    return refuse(res, failure('invalid_request', 'This session has no event of this Last-Event-ID.'));
  // A browser's EventSource, and the SDK, would come back for ever; this status tells them not to.
  if (found.stream.isOver && found.number === found.stream.last) return void res.writeHead(204).end();
  found.stream.attach(res, undefined, found.number);
  res.flushHeaders();
}
