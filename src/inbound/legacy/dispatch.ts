import { type Call, type CallSession, type Client, newCall } from '../../core/call.ts';
import { Cancellation } from '../../core/cancellation.ts';
import type { Handler } from '../../core/handler.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { Caller } from '../../core/principal.ts';
import { isLogLevel, LATEST_LEGACY_VERSION, LEGACY_VERSIONS, META } from '../../core/protocol.ts';
import { failure, type Reply, result, type RpcError } from '../../core/reply.ts';
import { Trail } from '../../core/trail.ts';
import { isId, type Message } from '../../wire/jsonrpc.ts';
import { nextCallId } from '../call-id.ts';
import { otherMeta } from '../meta.ts';
import type { Answering } from '../stream-exchange.ts';
import { capabilitiesOf, downgrade } from './downgrade.ts';
import { Hearing } from './hearing.ts';
import type { Session } from './session.ts';

/** Versions a client may open with. 2024-11-05 had another transport, but its clients speak the newer one too. */
export const OPENED_WITH: ReadonlySet<string> = new Set([...LEGACY_VERSIONS, '2024-11-05']);
/** Rounds of questions that one call may take. */
const ROUNDS = 10;

export type Request = Extract<Message, { kind: 'request' }>;

/**
 * What the messages of a legacy session mean, whatever transport they came over. `initialize`, `ping`,
 * `logging/setLevel`, subscriptions, questions and cancellation by notification are dealt with here, and the rest of
 * the house never hears of them.
 */
export class Dispatch {
  readonly #handle: Handler;
  readonly #self: { readonly name: string; readonly version: string };

  constructor(handle: Handler, self: { readonly name: string; readonly version: string }) {
    this.#handle = handle;
    this.#self = self;
  }

  /** Answers `initialize`. Only a `result` opens a session for this client. */
  async greet(
    request: Request,
    caller: Caller,
    scope: string | undefined,
    session: CallSession,
  ): Promise<{ client: Client; reply: Reply }> {
    const { protocolVersion, capabilities, clientInfo } = request.params;
    const version =
      typeof protocolVersion === 'string' && OPENED_WITH.has(protocolVersion)
        ? protocolVersion
        : LATEST_LEGACY_VERSION;
    const client: Client = {
      era: 'legacy',
      protocolVersion: version,
      info: isObject(clientInfo) ? clientInfo : undefined,
      capabilities: capabilitiesOf(version, isObject(capabilities) ? capabilities : {}),
    };
    const about = { ...caller, client, scope, session };
    const reply = await this.#handle(internalCall(about, 'server/discover', {}, new Cancellation())).catch(
      (): Reply => failure('internal_error'),
    );
    return { client, reply: reply.kind === 'result' ? this.#hello(version, reply.body.parse()) : reply };
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

  /** A request of a session. */
  request(request: Request, session: Session, exchange: Answering): void {
    const { id, method, params } = request;
    const version = session.client.protocolVersion;
    if (method === 'ping') return answer(exchange, result({}), method, version);
    if (method === 'logging/setLevel') return answer(exchange, setLevel(session, params), method, version);
    if (method === 'resources/subscribe' || method === 'resources/unsubscribe')
      return void this.#subscribe(method, params, session).then((reply) =>
        answer(exchange, reply, method, version),
      );
    // The words of a newer protocol than the one this client opened with.
    if (method === 'server/discover' || method === 'subscriptions/listen')
      return answer(exchange, failure('method_not_found', method), method, version);

    const meta = params['_meta'];
    const progressToken = isObject(meta) ? meta['progressToken'] : undefined;
    const cancellation = new Cancellation();
    const underway = { id, cancellation };
    session.inFlight.push(underway);
    const { caller } = session;
    const call = newCall({
      id: nextCallId(),
      requestId: id,
      principal: caller.principal,
      address: caller.address,
      base: caller.base,
      trace: caller.trace,
      passed: caller.passed,
      client: session.client,
      session,
      scope: session.scope,
      method,
      params: meta === undefined ? params : withoutMeta(params),
      meta: isObject(meta) ? otherMeta(meta) : undefined,
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
    });
    const done = (reply: Reply): void => {
      session.inFlight.splice(session.inFlight.indexOf(underway), 1);
      session.lastUsed = Date.now();
      answer(exchange, reply, method, version);
    };
    this.#handle(call).then(
      (reply) => {
        if (reply.kind !== 'input_required') return done(reply);
        this.#rounds(call, reply, session, exchange).then(done, () => done(failure('internal_error')));
      },
      () => done(failure('internal_error')),
    );
  }

  /** A notification or a response of a session. */
  told(message: Exclude<Message, Request>, session: Session): void {
    if (message.kind !== 'notification') return void session.asking.receive(message);
    if (message.method !== 'notifications/cancelled') return;
    const { requestId } = message.params;
    for (const underway of session.inFlight)
      if (underway.id === requestId) underway.cancellation.cancel('the client cancelled the request');
  }

  /** The session has a stream now, on which it wants to hear of what changes. */
  listen(session: Session): void {
    this.#hearing(session).start();
  }

  /** Puts the questions of a reply to the client and calls again with the answers, until there is a result. */
  async #rounds(call: Call, first: Reply, session: Session, exchange: Answering): Promise<Reply> {
    let reply = first;
    for (let round = 0; reply.kind === 'input_required'; round++) {
      if (round === ROUNDS) return failure('too_many_rounds');
      const answers = await session.asking.ask(reply, call, (id, method, params) =>
        exchange.request(id, method, params),
      );
      if ('kind' in answers) return answers;
      if (call.cancellation.cancelled) return failure('cancelled');
      // A call of its own to whoever keeps a record.
      reply = await this.#handle({ ...call, answers, trail: new Trail() });
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
          ...internalCall(
            { ...session.caller, client: session.client, scope: session.scope, session },
            'subscriptions/listen',
            params,
            cancellation,
          ),
          notify,
        }),
      (said) => session.stream?.notify(said.method, said.params),
    );
    return session.hearing;
  }
}

/** A call that no client made: the edge needs it to answer one. */
function internalCall(
  {
    principal,
    address,
    base,
    passed,
    client,
    scope,
    session,
  }: Pick<Call, keyof Caller | 'client' | 'scope' | 'session'>,
  method: string,
  params: JsonObject,
  cancellation: Cancellation,
): Call {
  return newCall({
    id: nextCallId(),
    principal,
    address,
    base,
    passed,
    client,
    session,
    scope,
    method,
    params,
    meta: undefined,
    wantsProgress: false,
    logLevel: undefined,
    cancellation,
    notify: () => {},
  });
}

function withoutMeta(params: JsonObject): JsonObject {
  const { _meta: _, ...others } = params;
  return others;
}

function setLevel(session: Session, params: JsonObject): Reply {
  const { level } = params;
  if (!isLogLevel(level)) return failure('invalid_params', 'This is no log level.');
  session.logLevel = level;
  return result({});
}

/** Does an error say what to do before the same comes again? Whoever does that goes by status and headers. */
function wantsStatus({ retryAfter, challenge }: RpcError): boolean {
  return retryAfter !== undefined || challenge !== undefined;
}

/** A reply in the words of a client of this version; every error inside a 200, but for one to come again for. */
export function answer(exchange: Answering, reply: Reply, method: string, version: string): void {
  try {
    const said = downgrade(reply, method, version);
    if (said.kind === 'result') exchange.result(said.body);
    else exchange.error(said.error, wantsStatus(said.error) ? (said.error.status ?? 200) : 200);
  } catch {
    // Only now somebody looks into a large result, or finds one nested too deep to be written.
    exchange.error(failure('server_reply_invalid').error, 200);
  }
}
