import type { Outcome } from '../audit/event.ts';
import { ERRORS } from '../core/errors.ts';
import { isObject } from '../core/json.ts';
import type { Reply, RpcError } from '../core/reply.ts';
import type { Trail } from '../core/trail.ts';

/** Refusals of the gateway: what it was not allowed, or was too much. */
const DENIALS: ReadonlySet<string> = new Set([
  'forbidden',
  'insufficient_scope',
  'rate_limited',
  'pii_rejected',
  'guard_failed',
  'pinned',
  'invalid_request_state',
  'unauthorized',
]);

/** How a call went. @param trail tells a refusal of the guard from an error of the tool, which a model reads alike */
export function outcomeOf(reply: Reply, trail?: Trail): Outcome {
  if (reply.kind === 'input_required') return 'input_required';
  if (reply.kind === 'result') return trail && isRefused(trail) && isToolError(reply) ? 'denied' : 'ok';
  const reason = reasonOf(reply.error);
  if (reason === 'cancelled') return 'cancelled';
  return reason !== undefined && DENIALS.has(reason) ? 'denied' : 'error';
}

function isRefused({ actions }: Trail): boolean {
  return actions.has('reject') || actions.has('guard_failed');
}

/** Why a call failed, in one word: of the error table, or of a server that says its own in the same place. */
export function reasonOf({ data }: RpcError): string | undefined {
  const reason = isObject(data) ? data['reason'] : undefined;
  return typeof reason === 'string' && /^[a-z_]{1,64}$/.test(reason) ? reason : undefined;
}

/** The same, where it is a word of the error table: a server's own words are without end. */
export function knownReasonOf(error: RpcError): keyof typeof ERRORS | undefined {
  const reason = reasonOf(error);
  return reason !== undefined && isKnown(reason) ? reason : undefined;
}

function isKnown(reason: string): reason is keyof typeof ERRORS {
  return Object.hasOwn(ERRORS, reason);
}

/**
 * Did the tool itself say that it failed? In JSON a quote within a text has a backslash before it, so what is looked for
 * is a member; whose, is only found out where there is one. Large results are none of errors, and are not looked at.
 */
export function isToolError(reply: Reply): boolean {
  if (reply.kind !== 'result' || reply.body.chunks) return false;
  const { text } = reply.body;
  if (!text.includes('"isError"')) return false;
  return /"isError"\s*:\s*true/.test(text) && reply.body.tryParse()?.['isError'] === true;
}
