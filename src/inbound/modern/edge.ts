import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Body, toWire } from '../../core/body.ts';
import { type Call, newCall } from '../../core/call.ts';
import { Cancellation } from '../../core/cancellation.ts';
import type { Handler } from '../../core/handler.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { Caller } from '../../core/principal.ts';
import { CACHEABLE, META } from '../../core/protocol.ts';
import { failure, type Reply, type RpcError } from '../../core/reply.ts';
import { type Id, isId, requestIdOf } from '../../wire/jsonrpc.ts';
import { mismatchOf, readParameterHeaders } from '../../wire/parameter-headers.ts';
import { refuse } from '../../wire/refuse.ts';
import { nextCallId } from '../call-id.ts';
import { Exchange } from '../exchange.ts';
import type { Answering } from '../stream-exchange.ts';
import { readRequest } from './request.ts';

/** The edge for clients of 2026-07-28: one POST is one call, and everything about it is in the request. */
export class ModernEdge {
  readonly #handle: Handler;
  /** What results say of who answered, and the same as wire text. */
  readonly #self: JsonObject;
  readonly #serverInfo: string;

  constructor(handle: Handler, self: { name: string; version: string }) {
    this.#handle = handle;
    this.#self = { [META.serverInfo]: self };
    this.#serverInfo = toWire(`"_meta":${JSON.stringify(this.#self)}`);
  }

  receive(
    message: JsonObject,
    req: IncomingMessage,
    res: ServerResponse,
    caller: Caller,
    scope: string | undefined,
  ): void {
    const { id, method, params = {} } = message;
    if (message['jsonrpc'] !== '2.0' || typeof method !== 'string' || !isObject(params))
      return refuse(res, failure('invalid_request'), {}, requestIdOf(message));
    // Over HTTP a modern client has nothing to notify of; it says so with a closed stream.
    if (id === undefined) return void res.writeHead(202).end();
    if (!isId(id))
      return refuse(res, failure('invalid_request', 'Its id is neither a string nor an integer.'));
    const exchange = new Exchange(res, id);
    const cancellation = new Cancellation();
    // A modern client cancels by closing the response stream (basic/patterns/cancellation).
    res.once('close', () => {
      if (res.writableFinished) return;
      exchange.abandon();
      cancellation.cancel('the client closed the connection');
    });
    const mismatch: Call['mismatch'] = (parameters) =>
      mismatchOf(parameters, params['arguments'], readParameterHeaders(req.rawHeaders));
    this.request({ id, method, params }, req.headers, { ...caller, scope, cancellation, mismatch }, exchange);
  }

  /**
   * A request, whatever it came over.
   * @param headers in which HTTP repeats some of it; undefined where there are none
   */
  request(
    { id, method, params }: { readonly id: Id; readonly method: string; readonly params: JsonObject },
    headers: IncomingHttpHeaders | undefined,
    about: Pick<Call, keyof Caller | 'scope' | 'cancellation' | 'mismatch'>,
    exchange: Answering,
  ): void {
    const request = readRequest(method, params, headers);
    if ('kind' in request) return exchange.error(request.error, statusOf(request.error));
    const { progressToken } = request;
    const call = newCall({
      id: nextCallId(),
      requestId: id,
      principal: about.principal,
      address: about.address,
      base: about.base,
      trace: about.trace,
      passed: about.passed,
      client: request.client,
      scope: about.scope,
      method,
      params: request.params,
      meta: request.meta,
      answers: request.answers,
      mismatch: about.mismatch,
      wantsProgress: progressToken !== undefined,
      logLevel: request.logLevel,
      cancellation: about.cancellation,
      notify: ({ method: said, params: told }) => {
        if (method === LISTEN) exchange.notify(said, { ...told, _meta: { [META.subscriptionId]: id } });
        else if (said !== 'notifications/progress') exchange.notify(said, told);
        else if (progressToken !== undefined) exchange.notify(said, { ...told, progressToken });
      },
    });
    this.#handle(call).then(
      (reply) => this.#answer(exchange, id, reply, method),
      () => exchange.error(failure('internal_error').error, 500),
    );
  }

  #answer(exchange: Answering, id: Id, reply: Reply, method: string): void {
    try {
      this.#say(exchange, id, reply, method);
    } catch {
      // Only now somebody looks into a large result, or finds one nested too deep to be written.
      const { error } = failure('server_reply_invalid');
      exchange.error(error, statusOf(error));
    }
  }

  #say(exchange: Answering, id: Id, reply: Reply, method: string): void {
    if (reply.kind === 'failure') return exchange.error(reply.error, statusOf(reply.error));
    if (reply.kind === 'result')
      return exchange.result(method === LISTEN ? this.#listened(id) : this.#whole(reply, method));
    const { inputRequests, requestState } = reply;
    exchange.result(
      Body.value({
        resultType: 'input_required',
        inputRequests,
        ...(requestState !== undefined && { requestState }),
        _meta: this.#self,
      }),
    );
  }

  /** The graceful end of a stream. */
  #listened(id: Id): Body {
    return Body.value({ resultType: 'complete', _meta: { ...this.#self, [META.subscriptionId]: id } });
  }

  /** Adds what every modern result says. */
  #whole({ body, resultType = 'complete' }: Extract<Reply, { kind: 'result' }>, method: string): Body {
    const members = [`"resultType":${JSON.stringify(resultType)}`];
    if (CACHEABLE.has(method)) {
      if (!body.has('ttlMs')) members.push('"ttlMs":0');
      if (!body.has('cacheScope')) members.push('"cacheScope":"private"');
    }
    // In a large body nothing is looked for: who answered is said where it costs nothing.
    if (!body.chunks && !body.has('_meta')) members.push(this.#serverInfo);
    return body.append(members.join(','));
  }
}

/** The one method whose every message carries the id of the request (basic/patterns/subscriptions). */
const LISTEN = 'subscriptions/listen';

/** The HTTP status that the protocol wants for an error; everything else is told inside a 200. */
function statusOf(error: RpcError): number {
  if (error.status !== undefined) return error.status;
  if (error.code === -32601) return 404;
  return error.code === -32021 ? 400 : 200;
}
