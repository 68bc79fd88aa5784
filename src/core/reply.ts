import { Body } from './body.ts';
import { type ErrorName, ERRORS } from './errors.ts';
import type { JsonObject, JsonValue } from './json.ts';

/** A JSON-RPC error object, and the HTTP status that goes with it where the modern protocol names one. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: JsonValue | undefined;
  readonly status?: number | undefined;
  /** Seconds after which it is worth trying again; over HTTP, the header Retry-After. */
  readonly retryAfter?: number | undefined;
  /** What would have to be proved; over HTTP, the header WWW-Authenticate. */
  readonly challenge?: string | undefined;
}

/**
 * What comes back from a call.
 * - `result`: the server's result. The body never carries `resultType`; that is said here (default `complete`).
 * - `input_required`: the server needs something from the client first; the same call comes again with the answers.
 * - `failure`: a JSON-RPC error.
 */
export type Reply =
  | {
      readonly kind: 'result';
      readonly body: Body;
      readonly resultType?: string;
      /** The bytes are a legacy server's own: nothing in them is news to a legacy client of the same age. */
      readonly legacy?: true;
    }
  | { readonly kind: 'input_required'; readonly inputRequests: JsonObject; readonly requestState?: string }
  | Failure;

export interface Failure {
  readonly kind: 'failure';
  readonly error: RpcError;
}

/** A reply from an object. */
export function result(value: JsonObject): Reply {
  return { kind: 'result', body: Body.value(value) };
}

/**
 * A failure of the gateway's own, from the error table.
 * @param detail what happened this time; put behind the table's sentence. Never a secret or a personal value.
 */
export function failure(name: ErrorName, detail?: string, data?: JsonObject): Failure {
  const entry = ERRORS[name];
  const message = detail === undefined ? entry.message : `${entry.message} ${detail}`;
  return {
    kind: 'failure',
    error: { code: entry.rpc, message, data: { reason: name, ...data }, status: entry.http },
  };
}
