import type { Call } from '../core/call.ts';
import type { Policy } from '../core/handler.ts';
import { failure, type Reply } from '../core/reply.ts';
import { binding, Seal } from '../core/seal.ts';
import { Redeemed } from './redeemed.ts';

/** A person may need a while for an answer. The configuration may say something else. */
const VALID_MS = 30 * 60_000;
/** The characters of base64url that tell one seal from another: most of the tag. */
const MARK = 20;

/**
 * Seals what a reply calls `requestState`, and opens it when the call comes again.
 * On its way through the client it is in an attacker's hands (basic/patterns/mrtr).
 *
 * A server binds its state to *its* caller, and that is this gateway, for all users alike. So the binding to the user is
 * made here: AES-256-GCM, with the principal, the endpoint and the call itself as associated data. A state that comes
 * from another principal, for another tool or other arguments, after its time, or with a changed byte, does not open.
 *
 * It opens once. A server of 2026-07-28 need not notice that a confirmed deletion is confirmed again; and who lost the
 * answer to a confirmed call cannot know what became of it, and has to begin anew.
 */
export function sealRequestState({ key, validMs = VALID_MS }: SealOptions = {}): Policy {
  const seal = new Seal(key);
  const redeemed = new Redeemed(validMs);
  const sealReply = (call: Call, reply: Reply): Reply => {
    if (reply.kind !== 'input_required' || reply.requestState === undefined) return reply;
    const text = JSON.stringify({ state: reply.requestState, until: Date.now() + validMs });
    return { ...reply, requestState: seal.seal(text, boundTo(call)) };
  };
  return (next) => async (call) => {
    const sealed = call.answers?.state;
    if (call.answers === undefined || sealed === undefined) return sealReply(call, await next(call));
    const state = open(seal, sealed, boundTo(call));
    if (state === undefined) return failure('invalid_request_state');
    // A legacy client never sees it: the edge holds it while it asks, and comes back by itself.
    const isOut = call.client.era === 'modern';
    if (isOut && !redeemed.redeem(call.principal.id, markOf(sealed))) return failure('invalid_request_state');
    return sealReply(call, await next({ ...call, answers: { ...call.answers, state } }));
  };
}

export interface SealOptions {
  readonly key?: Buffer;
  /** How long a client may take to come back, in milliseconds. */
  readonly validMs?: number;
}

/**
 * What tells one seal from another: its end, which is the authentication tag over a nonce of its own. Copied, since a
 * slice would keep all of a large state in memory.
 */
function markOf(sealed: string): string {
  return Buffer.from(sealed.slice(-MARK), 'latin1').toString('latin1');
}

/** What a state is bound to: who calls, where, and exactly what. */
function boundTo({ principal, scope, method, params }: Call): Buffer {
  return binding(principal.id, scope ?? null, method, params);
}

function open(seal: Seal, sealed: string, bound: Buffer): string | undefined {
  const text = seal.open(sealed, bound);
  if (text === undefined) return undefined;
  const { state, until } = JSON.parse(text) as { state: string; until: number };
  return until > Date.now() ? state : undefined;
}
