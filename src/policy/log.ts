import { type Call, targetOf } from '../core/call.ts';
import type { Policy } from '../core/handler.ts';
import type { Logger } from '../telemetry/log.ts';

/** One line a call: who, what, how long, how it went. Never the arguments or the result. */
export function logCalls(log: Logger): Policy {
  return (next) => (call) => {
    // Most of the time nobody wants to know, and then this stage is not there.
    if (!log.isLevelEnabled('debug')) return next(call);
    const started = performance.now();
    return next(call).then((reply) => {
      const { id, method, principal, client, scope } = call;
      log.debug(
        {
          call: id,
          principal: principal.id,
          era: client.era,
          scope,
          method,
          target: nameOf(call),
          outcome: reply.kind === 'failure' ? reply.error.code : reply.kind,
          ms: Math.round((performance.now() - started) * 10) / 10,
        },
        'call',
      );
      return reply;
    });
  };
}

/** The tool or prompt. Not a resource's URI, which may hold whatever its server puts into one. */
function nameOf(call: Call): string | undefined {
  return call.method === 'resources/read' ? undefined : targetOf(call);
}
