import type { IncomingMessage, ServerResponse } from 'node:http';
import { toWire, type Body } from '../core/body.ts';
import { Cancellation } from '../core/cancellation.ts';
import type { Handler } from '../core/handler.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import { CACHEABLE, isLogLevel, META, MODERN_VERSION } from '../core/protocol.ts';
import { failure, type Failure, type RpcError } from '../core/reply.ts';
import { decodeHeaderValue } from '../wire/headers.ts';
import { isId } from '../wire/jsonrpc.ts';
import { refuse } from '../wire/refuse.ts';
import { Exchange } from './exchange.ts';
import { nextCallId } from './call-id.ts';
import { otherMeta } from './meta.ts';

/** The edge for clients of 2026-07-28: one POST is one call, and everything about it is in the request. */
export class ModernEdge {
  readonly #handle: Handler;
  /** What every result says of who answered, as wire text. */
  readonly #serverInfo: string;

  constructor(handle: Handler, self: { name: string; version: string }) {
    this.#handle = handle;
    this.#serverInfo = toWire(`"_meta":${JSON.stringify({ [META.serverInfo]: self })}`);
  }

  receive(
    message: JsonObject,
    req: IncomingMessage,
    res: ServerResponse,
    principal: Principal,
    scope: string | undefined,
  ): void {
    const { id, method, params = {} } = message;
    if (message['jsonrpc'] !== '2.0' || typeof method !== 'string' || !isObject(params))
      return refuse(res, failure('invalid_request'));
    if (id === undefined) return void res.writeHead(202).end();
    if (!isId(id))
      return refuse(res, failure('invalid_request', 'Its id is neither a string nor an integer.'));
    const { _meta: meta, ...rest } = params;
    const exchange = new Exchange(res, id);
    const wrong =
      wrongEnvelope(meta) ??
      wrongVersion(req, meta) ??
      wrongHeaders(req, method, rest) ??
      wrongLogLevel(meta);
    if (wrong || !isObject(meta)) {
      const { error } = wrong ?? failure('invalid_meta');
      return exchange.error(error, statusOf(error));
    }

    const cancellation = new Cancellation();
    // > closing the response stream is the cancellation  (basic/patterns/cancellation)
    res.once('close', () => {
      if (res.writableFinished) return;
      exchange.abandon();
      cancellation.cancel('the client closed the connection');
    });
    const { progressToken } = meta;
    const info = meta[META.clientInfo];
    const capabilities = meta[META.clientCapabilities];
    const logLevel = meta[META.logLevel];
    this.#handle({
      id: nextCallId(),
      principal,
      client: {
        era: 'modern',
        protocolVersion: MODERN_VERSION,
        info: isObject(info) ? info : undefined,
        capabilities: isObject(capabilities) ? capabilities : {},
      },
      scope,
      method,
      params: rest,
      meta: otherMeta(meta),
      wantsProgress: isId(progressToken),
      logLevel: isLogLevel(logLevel) ? logLevel : undefined,
      cancellation,
      notify: (said) =>
        exchange.notify(
          said.method,
          said.method === 'notifications/progress' && isId(progressToken)
            ? { ...said.params, progressToken }
            : said.params,
        ),
    }).then(
      (reply) => {
        if (reply.kind === 'result') exchange.result(this.#complete(reply.body, method));
        else if (reply.kind === 'failure') exchange.error(reply.error, statusOf(reply.error));
        else exchange.error(failure('input_unsupported').error, 200);
      },
      () => exchange.error(failure('internal_error').error, 500),
    );
  }

  /** Adds what every modern result says. */
  #complete(body: Body, method: string): Body {
    const members = ['"resultType":"complete"'];
    if (CACHEABLE.has(method)) {
      if (!body.has('ttlMs')) members.push('"ttlMs":0');
      if (!body.has('cacheScope')) members.push('"cacheScope":"private"');
    }
    // In a large body nothing is looked for: who answered is said where it costs nothing.
    if (!body.chunks && !body.text.includes('"_meta"')) members.push(this.#serverInfo);
    return body.append(members.join(','));
  }
}

/** > missing or malformed required `_meta` ⇒ -32602, 400  (basic/index) */
function wrongEnvelope(meta: unknown): Failure | undefined {
  if (!isObject(meta)) return failure('invalid_meta', '_meta is missing.');
  if (typeof meta[META.protocolVersion] !== 'string')
    return failure('invalid_meta', `_meta["${META.protocolVersion}"] is not a string.`);
  if (!isObject(meta[META.clientCapabilities]))
    return failure('invalid_meta', `_meta["${META.clientCapabilities}"] is not an object.`);
  return undefined;
}

function wrongVersion(req: IncomingMessage, meta: unknown): Failure | undefined {
  const requested = isObject(meta) ? meta[META.protocolVersion] : undefined;
  const header = req.headers['mcp-protocol-version'];
  if (header !== undefined && header !== requested)
    return failure('header_mismatch', 'MCP-Protocol-Version is not what _meta says.');
  if (requested !== MODERN_VERSION)
    return failure('unsupported_version', undefined, {
      supported: [MODERN_VERSION],
      requested: requested ?? null,
    });
  return header === undefined ? failure('header_mismatch', 'MCP-Protocol-Version is missing.') : undefined;
}

/** The methods whose name or URI a header repeats, and the parameter it repeats. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);

/**
 * Whoever decides something by the headers, a proxy or a rate limit in front of us, must have seen what we act on: a
 * header that says something else than the body is refused (basic/transports/streamable-http, HeaderMismatch).
 */
function wrongHeaders(req: IncomingMessage, method: string, params: JsonObject): Failure | undefined {
  const { 'mcp-method': methodHeader, 'mcp-name': nameHeader } = req.headers;
  if (methodHeader === undefined) return failure('header_mismatch', 'Mcp-Method is missing.');
  if (methodHeader !== method) return failure('header_mismatch', 'Mcp-Method is not the method of the body.');
  const parameter = NAMED.get(method);
  if (parameter === undefined) return undefined;
  if (typeof nameHeader !== 'string') return failure('header_mismatch', 'Mcp-Name is missing.');
  if (decodeHeaderValue(nameHeader) !== params[parameter])
    return failure('header_mismatch', `Mcp-Name is not params.${parameter} of the body.`);
  return undefined;
}

function wrongLogLevel(meta: unknown): Failure | undefined {
  const level = isObject(meta) ? meta[META.logLevel] : undefined;
  return level === undefined || isLogLevel(level)
    ? undefined
    : failure('invalid_params', 'This is no log level.');
}

/** The HTTP status that the protocol wants for an error; everything else is told inside a 200. */
function statusOf(error: RpcError): number {
  if (error.status !== undefined) return error.status;
  return error.code === -32601 ? 404 : 200;
}
