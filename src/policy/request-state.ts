import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Call } from '../core/call.ts';
import { canonical } from '../core/canonical.ts';
import type { Policy } from '../core/handler.ts';
import { failure, type Reply } from '../core/reply.ts';
import { Redeemed } from './redeemed.ts';

/** A person may need a while for an answer. The configuration may say something else. */
const VALID_MS = 30 * 60_000;
const NONCE = 12;
const TAG = 16;
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
export function sealRequestState({ key = randomBytes(32), validMs = VALID_MS }: SealOptions = {}): Policy {
  const redeemed = new Redeemed(validMs);
  const sealReply = (call: Call, reply: Reply): Reply => {
    if (reply.kind !== 'input_required' || reply.requestState === undefined) return reply;
    return { ...reply, requestState: seal(key, reply.requestState, binding(call), validMs) };
  };
  return (next) => async (call) => {
    const sealed = call.answers?.state;
    if (call.answers === undefined || sealed === undefined) return sealReply(call, await next(call));
    const state = open(key, sealed, binding(call));
    // No two seals have the same end: it is their authentication tag, over a nonce of their own.
    if (state === undefined || !redeemed.redeem(call.principal.id, sealed.slice(-MARK)))
      return failure('invalid_request_state');
    return sealReply(call, await next({ ...call, answers: { ...call.answers, state } }));
  };
}

export interface SealOptions {
  readonly key?: Buffer;
  /** How long a client may take to come back, in milliseconds. */
  readonly validMs?: number;
}

/** What a state is bound to: who calls, where, and exactly what. */
function binding(call: Call): Buffer {
  const { principal, scope = null, method, params } = call;
  return createHash('sha256')
    .update(canonical([principal.id, scope, method, params]))
    .digest();
}

function seal(key: Buffer, state: string, bound: Buffer, validMs: number): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bound);
  const text = JSON.stringify({ state, until: Date.now() + validMs });
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
    'base64url',
  );
}

function open(key: Buffer, sealed: string, bound: Buffer): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  // Decoding forgives what it does not know; only the very text that was given out counts.
  if (bytes.length <= NONCE + TAG || bytes.toString('base64url') !== sealed) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE))
    .setAAD(bound)
    .setAuthTag(bytes.subarray(-TAG));
  try {
    const text = decipher.update(bytes.subarray(NONCE, -TAG), undefined, 'utf8') + decipher.final('utf8');
    const { state, until } = JSON.parse(text) as { state: string; until: number };
    return until > Date.now() ? state : undefined;
  } catch {
    return undefined;
  }
}
