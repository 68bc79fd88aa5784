import type { Call } from './call.ts';
import type { Reply } from './reply.ts';

/** Everything between the socket and the server is one of these. It answers; it does not throw for what can be expected. */
export type Handler = (call: Call) => Promise<Reply>;

/** A stage around a handler: it may answer itself, change the call on the way in, or the reply on the way out. */
export type Policy = (next: Handler) => Handler;

/** Puts the policies around a handler, the first one outermost. */
export function chain(policies: readonly Policy[], handler: Handler): Handler {
  return policies.reduceRight((next, policy) => policy(next), handler);
}
