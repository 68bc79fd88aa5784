import type { Call } from '../core/call.ts';
import { failure, type Failure } from '../core/reply.ts';
import { bearerChallenge, endpointPath, metadataUrl } from '../wire/challenge.ts';

/** 403 with what the token would have to be for, all of it: a client asks for exactly what it is told. */
export function insufficientScope({ base, scope }: Call, scopes: readonly string[]): Failure {
  const { kind, error } = failure('insufficient_scope');
  const metadata = base === undefined ? undefined : metadataUrl(base + endpointPath(scope));
  return {
    kind,
    error: { ...error, challenge: bearerChallenge({ error: 'insufficient_scope', scopes, metadata }) },
  };
}
