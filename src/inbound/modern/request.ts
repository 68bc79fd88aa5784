import type { IncomingHttpHeaders } from 'node:http';
import type { Answer, Answers, Client } from '../../core/call.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { isLogLevel, type LogLevel, META, MODERN_VERSION } from '../../core/protocol.ts';
import { ASKING } from '../../core/questions.ts';
import { failure, type Failure } from '../../core/reply.ts';
import { decodeHeaderValue } from '../../wire/headers.ts';
import { type Id, isId } from '../../wire/jsonrpc.ts';
import { otherMeta } from '../meta.ts';

/** A request of 2026-07-28, read and checked. */
export interface ModernRequest {
  readonly method: string;
  readonly params: JsonObject;
  readonly meta: JsonObject | undefined;
  readonly client: Client;
  readonly answers: Answers | undefined;
  readonly progressToken: Id | undefined;
  readonly logLevel: LogLevel | undefined;
}

/**
 * Reads a request, or says what is wrong with it. The checks stand in the order in which their errors count.
 * @param headers undefined for a transport that has none, and so repeats nothing in them
 */
export function readRequest(
  method: string,
  params: JsonObject,
  headers: IncomingHttpHeaders | undefined,
): ModernRequest | Failure {
  const { _meta: meta, ...rest } = params;
  if (!isObject(meta)) return failure('invalid_meta', '_meta is missing.');
  const wrong =
    wrongEnvelope(meta) ??
    wrongVersion(meta, headers) ??
    (headers && wrongHeaders(method, rest, headers)) ??
    wrongLogLevel(meta);
  if (wrong) return wrong;
  const answers = ASKING.has(method) ? takeAnswers(rest) : undefined;
  if (answers && 'kind' in answers) return answers;

  const { progressToken } = meta;
  const info = meta[META.clientInfo];
  const capabilities = meta[META.clientCapabilities];
  const logLevel = meta[META.logLevel];
  return {
    method,
    params: rest,
    meta: otherMeta(meta),
    client: {
      era: 'modern',
      protocolVersion: MODERN_VERSION,
      info: isObject(info) ? info : undefined,
      capabilities: isObject(capabilities) ? capabilities : {},
    },
    answers,
    progressToken: isId(progressToken) ? progressToken : undefined,
    logLevel: isLogLevel(logLevel) ? logLevel : undefined,
  };
}

/** What `_meta` has to say on every request: missing or malformed is -32602, and 400 (basic/index). */
function wrongEnvelope(meta: JsonObject): Failure | undefined {
  if (typeof meta[META.protocolVersion] !== 'string')
    return failure('invalid_meta', `_meta["${META.protocolVersion}"] is not a string.`);
  if (!isObject(meta[META.clientCapabilities]))
    return failure('invalid_meta', `_meta["${META.clientCapabilities}"] is not an object.`);
  return undefined;
}

function wrongVersion(meta: JsonObject, headers: IncomingHttpHeaders | undefined): Failure | undefined {
  const requested = meta[META.protocolVersion] ?? null;
  const header = headers?.['mcp-protocol-version'];
  if (header !== undefined && header !== requested)
    return failure('header_mismatch', 'MCP-Protocol-Version is not what _meta says.');
  if (requested !== MODERN_VERSION)
    return failure('unsupported_version', undefined, { supported: [MODERN_VERSION], requested });
  return headers && header === undefined
    ? failure('header_mismatch', 'MCP-Protocol-Version is missing.')
    : undefined;
}

/** The methods whose name or URI a header repeats, and the parameter it repeats. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/**
 * Whoever decides something by the headers, a proxy or a rate limit in front of us, must have seen what we act on: a
 * header that says something else than the body is refused (basic/transports/streamable-http, HeaderMismatch).
 */
function wrongHeaders(method: string, params: JsonObject, headers: IncomingHttpHeaders): Failure | undefined {
  const { 'mcp-method': methodHeader, 'mcp-name': nameHeader } = headers;
  if (methodHeader === undefined) return failure('header_mismatch', 'Mcp-Method is missing.');
  if (methodHeader !== method) return failure('header_mismatch', 'Mcp-Method is not the method of the body.');
  const parameter = NAMED.get(method);
  if (parameter === undefined) return undefined;
  if (typeof nameHeader !== 'string') return failure('header_mismatch', 'Mcp-Name is missing.');
  const name = decodeHeaderValue(nameHeader);
  if (name === undefined || name !== params[parameter])
    return failure('header_mismatch', `Mcp-Name is not params.${parameter} of the body.`);
  return undefined;
}

function wrongLogLevel(meta: JsonObject): Failure | undefined {
  const level = meta[META.logLevel];
  return level === undefined || isLogLevel(level)
    ? undefined
    : failure('invalid_params', 'This is no log level.');
}

/** Takes the answers to an earlier round out of the parameters. */
function takeAnswers(params: JsonObject): Answers | Failure | undefined {
  const { inputResponses, requestState } = params;
  if (inputResponses === undefined && requestState === undefined) return undefined;
  delete params['inputResponses'];
  delete params['requestState'];
  if (requestState !== undefined && typeof requestState !== 'string')
    return failure('invalid_params', 'requestState is not a string.');
  if (inputResponses !== undefined && !isObject(inputResponses))
    return failure('invalid_params', 'inputResponses is not an object.');
  const responses = new Map<string, Answer>();
  for (const [key, result] of Object.entries(inputResponses ?? {})) {
    if (!isObject(result)) return failure('invalid_params', 'Each of inputResponses is an object.');
    responses.set(key, { result });
  }
  return { responses, state: requestState };
}
