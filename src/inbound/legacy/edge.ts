import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Call, Client } from '../../core/call.ts';
import { Cancellation } from '../../core/cancellation.ts';
import type { Handler } from '../../core/handler.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { Principal } from '../../core/principal.ts';
import { CACHEABLE, isLogLevel, LATEST_LEGACY_VERSION, LEGACY_VERSIONS, META } from '../../core/protocol.ts';
import { failure, type Reply, result } from '../../core/reply.ts';
import { isId, type Message, readMessage } from '../../wire/jsonrpc.ts';
import { refuse } from '../../wire/refuse.ts';
import { nextCallId } from '../call-id.ts';
import { Exchange } from '../exchange.ts';
import { otherMeta } from '../meta.ts';
import type { Answering } from '../stream-exchange.ts';
import { EventStream } from './event-stream.ts';
import { Hearing } from './hearing.ts';
import type { Session, Sessions } from './session.ts';

export interface LegacyOptions {
  readonly handle: Handler;
  readonly self: { readonly name: string; readonly version: string };
  readonly sessions: Sessions;
}

/** Versions a client may open with. 2024-11-05 had another transport, but its clients speak this one too. */
const OPENED_WITH: ReadonlySet<string> = new Set([...LEGACY_VERSIONS, '2024-11-05']);
/** Rounds of questions that one call may take. */
const ROUNDS = 10;
type Request = Extract<Message, { kind: 'request' }>;

/**
 * The edge for clients that open with `initialize`: sessions, the GET stream, `ping`, `logging/setLevel` and
 * cancellation by notification are dealt with here, and the rest of the house never hears of them.
 */
export class LegacyEdge {
  readonly #handle: Handler;
  readonly #self: LegacyOptions['self'];
  readonly #sessions: Sessions;

  constructor(options: LegacyOptions) {
    this.#handle = options.handle;
    this.#self = options.self;
    this.#sessions = options.sessions;
  }

  /** A POSTed message. */
  post(
    value: JsonObject,
    req: IncomingMessage,
    res: ServerResponse,
    principal: Principal,
    scope: string | undefined,
  ): void {
    const message = readMessage(value);
    if (!message) return refuse(res, failure('invalid_request'));
    if (message.kind === 'request' && message.method === 'initialize')
      return void this.#initialize(message, res, principal, scope);
    const session = this.#session(req, res, principal, scope);
    if (!session) return;
    if (message.kind === 'request') {
      const exchange = new Exchange(res, message.id, undefined, session.events);
      // > Disconnection … SHOULD NOT be interpreted as the client cancelling its request  (basic/transports, 2025-11-25)
      res.once('close', () => exchange.abandon());
      return this.request(message, session, exchange);
    }
    this.told(message, session);
    // > If the input is a JSON-RPC response or notification … the server MUST return HTTP status code 202 Accepted
    // > with no body  (basic/transports, 2025-11-25)
    res.writeHead(202).end();
  }

  /** GET: opens the stream for what belongs to no call. A newer stream takes the place of an older one. */
  get(req: IncomingMessage, res: ServerResponse, principal: Principal, scope: string | undefined): void {
    const session = this.#session(req, res, principal, scope);
    if (!session) return;
    const lastEventId = req.headers['last-event-id'];
    if (typeof lastEventId === 'string') return resume(session, lastEventId, res);
    const standalone = session.events.standalone();
    session.stream ??= new EventStream(standalone);
    standalone.attach(res);
    // Headers alone would wait for the first event.
    res.flushHeaders();
    this.#hearing(session).start();
  }

  /** DELETE: the client is done with its session. */
  delete(req: IncomingMessage, res: ServerResponse, principal: Principal, scope: string | undefined): void {
    const session = this.#session(req, res, principal, scope);
    if (!session) return;
    this.#sessions.end(session, 'the client ended the session');
    res.writeHead(204).end();
  }

  #session(
    req: IncomingMessage,
    res: ServerResponse,
    principal: Principal,
    scope: string | undefined,
  ): Session | undefined {
    const version = req.headers['mcp-protocol-version'];
    // > If the server receives a request with an invalid or unsupported MCP-Protocol-Version, it MUST respond with
    // > 400 Bad Request  (basic/transports, 2025-11-25)
    if (typeof version === 'string' && !OPENED_WITH.has(version)) {
      refuse(
        res,
        failure('unsupported_version', undefined, { supported: [...LEGACY_VERSIONS], requested: version }),
      );
      return undefined;
    }
    const id = req.headers['mcp-session-id'];
    if (typeof id !== 'string') {
      refuse(res, failure('session_required'));
      return undefined;
    }
    const session = this.#sessions.find(id, principal, scope);
    if (!session) refuse(res, failure('session_not_found'));
    return session;
  }

  async #initialize(
    request: Request,
    res: ServerResponse,
    principal: Principal,
    scope: string | undefined,
  ): Promise<void> {
    const { protocolVersion, capabilities, clientInfo } = request.params;
    const version =
      typeof protocolVersion === 'string' && OPENED_WITH.has(protocolVersion)
        ? protocolVersion
        : LATEST_LEGACY_VERSION;
    const client: Client = {
      era: 'legacy',
      protocolVersion: version,
      info: isObject(clientInfo) ? clientInfo : undefined,
      capabilities: isObject(capabilities) ? capabilities : {},
    };
    const cancellation = new Cancellation();
    const call: Call = {
      id: nextCallId(),
      principal,
      client,
      scope,
      method: 'server/discover',
      params: {},
      meta: undefined,
      answers: undefined,
      wantsProgress: false,
      logLevel: undefined,
      cancellation,
      notify: () => {},
    };
    const reply = await this.#handle(call).catch((): Reply => failure('internal_error'));
    if (reply.kind !== 'result') return answer(new Exchange(res, request.id), reply, 'initialize');
    // Opened last: a handshake that fails leaves nothing behind.
    const session = this.#sessions.open(principal, scope, client);
    if (!session) return refuse(res, failure('session_limit'), { 'retry-after': '30' });
    const exchange = new Exchange(res, request.id, { 'mcp-session-id': session.id });
    answer(exchange, this.#hello(version, reply.body.parse()), 'initialize');
  }

  /** InitializeResult from what `server/discover` says. */
  #hello(protocolVersion: string, discovered: JsonObject): Reply {
    const { capabilities = {}, instructions, _meta } = discovered;
    const info = isObject(_meta) ? _meta[META.serverInfo] : undefined;
    const named = isObject(info) && typeof info['name'] === 'string' && typeof info['version'] === 'string';
    return result({
      protocolVersion,
      capabilities,
      serverInfo: named ? info : { ...this.#self },
      ...(instructions !== undefined && { instructions }),
    });
  }

  /** A request of a session, whatever it came over. */
  request(request: Request, session: Session, exchange: Answering): void {
    const { id, method, params } = request;
    if (method === 'ping') return answer(exchange, result({}), method);
    if (method === 'logging/setLevel') return answer(exchange, setLevel(session, params), method);
    if (method === 'resources/subscribe' || method === 'resources/unsubscribe')
      return void this.#subscribe(method, params, session).then((reply) => answer(exchange, reply, method));
    // The words of a newer protocol than the one this client opened with.
    if (method === 'server/discover' || method === 'subscriptions/listen')
      return answer(exchange, failure('method_not_found', method), method);

    const { _meta: meta, ...rest } = params;
    const progressToken = isObject(meta) ? meta['progressToken'] : undefined;
    const cancellation = new Cancellation();
    session.inFlight.set(id, cancellation);
    const call: Call = {
      id: nextCallId(),
      principal: session.principal,
      client: session.client,
      scope: session.scope,
      method,
      params: rest,
      meta: isObject(meta) ? otherMeta(meta) : undefined,
      answers: undefined,
      wantsProgress: isId(progressToken),
      logLevel: session.logLevel,
      cancellation,
      notify: (said) =>
        exchange.notify(
          said.method,
          said.method === 'notifications/progress' && isId(progressToken)
            ? { ...said.params, progressToken }
            : said.params,
        ),
    };
    const done = (reply: Reply): void => {
      if (session.inFlight.get(id) === cancellation) session.inFlight.delete(id);
      session.lastUsed = Date.now();
      answer(exchange, reply, method);
    };
    this.#handle(call).then(
      (reply) => {
        if (reply.kind !== 'input_required') return done(reply);
        this.#rounds(call, reply, session, exchange).then(done, () => done(failure('internal_error')));
      },
      () => done(failure('internal_error')),
    );
  }

  /** Puts the questions of a reply to the client and calls again with the answers, until there is a result. */
  async #rounds(call: Call, first: Reply, session: Session, exchange: Answering): Promise<Reply> {
    let reply = first;
    for (let round = 0; reply.kind === 'input_required'; round++) {
      if (round === ROUNDS) return failure('too_many_rounds');
      const answers = await session.asking.ask(reply, session.client, (id, method, params) =>
        exchange.request(id, method, params),
      );
      if ('kind' in answers) return answers;
      if (call.cancellation.cancelled) return failure('cancelled');
      reply = await this.#handle({ ...call, answers });
    }
    return reply;
  }

  async #subscribe(method: string, params: JsonObject, session: Session): Promise<Reply> {
    const { uri } = params;
    if (typeof uri !== 'string') return failure('invalid_params', 'uri is not a string.');
    const hearing = this.#hearing(session);
    if (method === 'resources/subscribe') return (await hearing.subscribe(uri)) ?? result({});
    await hearing.unsubscribe(uri);
    return result({});
  }

  #hearing(session: Session): Hearing {
    session.hearing ??= new Hearing(
      (params, notify, cancellation) =>
        this.#handle({
          id: nextCallId(),
          principal: session.principal,
          client: session.client,
          scope: session.scope,
          method: 'subscriptions/listen',
          params,
          meta: undefined,
          answers: undefined,
          wantsProgress: false,
          logLevel: undefined,
          cancellation,
          notify,
        }),
      (said) => session.stream?.notify(said.method, said.params),
    );
    return session.hearing;
  }

  /** A notification or a response of a session, whatever it came over. */
  told(message: Exclude<Message, Request>, session: Session): void {
    if (message.kind !== 'notification') return void session.asking.receive(message);
    if (message.method !== 'notifications/cancelled') return;
    const { requestId } = message.params;
    if (isId(requestId)) session.inFlight.get(requestId)?.cancel('the client cancelled the request');
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

function setLevel(session: Session, params: JsonObject): Reply {
  const { level } = params;
  if (!isLogLevel(level)) return failure('invalid_params', 'This is no log level.');
  session.logLevel = level;
  return result({});
}

/** A reply in the words of a legacy client: no cache hints, and every error inside a 200. */
function answer(exchange: Answering, reply: Reply, method: string): void {
  try {
    if (reply.kind === 'result')
      exchange.result(CACHEABLE.has(method) ? reply.body.without('ttlMs', 'cacheScope') : reply.body);
    else exchange.error(reply.kind === 'failure' ? reply.error : failure('input_unsupported').error, 200);
  } catch {
    // Only now somebody looks into a large result, or finds one nested too deep to be written.
    exchange.error(failure('server_reply_invalid').error, 200);
  }
}
