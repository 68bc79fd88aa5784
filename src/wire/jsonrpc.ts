import { toWire } from '../core/body.ts';
import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { RpcError } from '../core/reply.ts';

/**
 * > Requests MUST include a string or integer ID. Unlike base JSON-RPC, the ID MUST NOT be `null`.  (basic/index)
 */
export type Id = string | number;

/** A JSON-RPC message, told apart and checked as far as the envelope goes. */
export type Message =
  | { readonly kind: 'request'; readonly id: Id; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'result'; readonly id: Id; readonly result: JsonObject }
  | { readonly kind: 'error'; readonly id: Id | null; readonly error: RpcError };

/** A number beyond 2^53 was rounded when it was parsed: it could not be given back as it came. */
export function isId(value: unknown): value is Id {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

/** The message that a parsed JSON value is, or undefined where it is none. */
export function readMessage(value: unknown): Message | undefined {
  if (!isObject(value) || value['jsonrpc'] !== '2.0') return undefined;
  const { id, method, params = {}, result, error } = value;
  if (typeof method === 'string') {
    if (!isObject(params) || result !== undefined || error !== undefined) return undefined;
    if (id === undefined) return { kind: 'notification', method, params };
    return isId(id) ? { kind: 'request', id, method, params } : undefined;
  }
  if (method !== undefined) return undefined;
  if (isObject(result)) return isId(id) && error === undefined ? { kind: 'result', id, result } : undefined;
  if (!isObject(error) || typeof error['code'] !== 'number' || typeof error['message'] !== 'string')
    return undefined;
  if (!isId(id) && id !== null && id !== undefined) return undefined;
  const { code, message, data } = error;
  return {
    kind: 'error',
    id: id ?? null,
    error: data === undefined ? { code, message } : { code, message, data },
  };
}

/**
 * The id that an error about a message carries, whatever else is wrong with it.
 *
 * > Error responses MUST include the same ID as the request they correspond to (except in error cases where the ID
 * > could not be read due a malformed request)  (basic/index)
 */
export function requestIdOf(message: JsonValue): Id | null {
  if (!isObject(message) || typeof message['method'] !== 'string') return null;
  const { id } = message;
  return isId(id) ? id : null;
}

/** An id as JSON in wire text, so that it can be put between pieces of it. */
export function idText(id: Id | null): string {
  return typeof id === 'string' ? toWire(JSON.stringify(id)) : String(id);
}

/** A request as the text of one line. */
export function requestText(id: Id, method: string, params: JsonValue): string {
  return oneLine(
    `{"jsonrpc":"2.0","id":${idText(id)},"method":${JSON.stringify(method)},"params":${JSON.stringify(params)}}`,
  );
}

/** A notification as the text of one line. */
export function notificationText(method: string, params: JsonObject): string {
  return oneLine(`{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${JSON.stringify(params)}}`);
}

/** These two are plain characters in JSON, but end a line for some readers, Node's own `readline` among them. */
function oneLine(json: string): string {
  // Nearly no text has one, and one look for both is less than a replacement of each.
  return /[\u2028\u2029]/.test(json)
    ? json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
    : json;
}

/** An error response as text. Only what JSON-RPC knows of the error goes on the wire. */
export function errorText(id: Id | null, error: RpcError): string {
  const { code, message, data } = error;
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: data === undefined ? { code, message } : { code, message, data },
  });
}
