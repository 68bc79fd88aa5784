import { type Call, targetOf } from '../core/call.ts';
import type { Policy } from '../core/handler.ts';
import { failure, type Failure } from '../core/reply.ts';
import type { Logger } from '../telemetry/log.ts';

/** One line a call: who, what, how long, how it went. Never the arguments or the result. */
export function logCalls(log: Logger): Policy {
  return (next) => (call) => {
    const broke = (error: unknown): Failure => mistake(log, call, error);
    // Most of the time nobody wants to know more.
    if (!log.isLevelEnabled('debug')) return next(call).catch(broke);
    const started = performance.now();
    return next(call)
      .catch(broke)
      .then((reply) => {
        const { id, method, principal, client, scope } = call;
        log.debug(
          {
            call: id,
            principal: principal.id,
            era: client.era,
            scope,
            method,
            target: targetOf(call),
            outcome: reply.kind === 'failure' ? reply.error.code : reply.kind,
            ms: Math.round((performance.now() - started) * 10) / 10,
          },
          'call',
        );
        return reply;
      });
  };
}

/**
 * What is thrown is a mistake of the gateway's own. It ends this call only, and the log says what it was and where it
 * happened; not in its own words, which may quote what was in the call.
 */
function mistake(log: Logger, { id, method }: Call, error: unknown): Failure {
  const { name, stack = '' } = error instanceof Error ? error : new TypeError();
  const at = stack.split('\n').filter((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line));
  log.error({ call: id, method, error: name, at: at.slice(0, 8).map((line) => line.trim()) }, 'call broke');
  return failure('internal_error');
}
