import type { Call } from '../core/call.ts';
import type { Policy } from '../core/handler.ts';
import { failure, type Failure } from '../core/reply.ts';
import type { Logger } from '../telemetry/log.ts';

/**
 * What is thrown is a mistake of the gateway's own. It ends this call only, and the log says what it was and where it
 * happened; not in its own words, which may quote what was in the call.
 */
export function failsafe(log: Logger): Policy {
  return (next) => (call) => {
    try {
      return next(call).catch((error: unknown) => mistake(log, call, error));
    } catch (error) {
      return Promise.resolve(mistake(log, call, error));
    }
  };
}

function mistake(log: Logger, { id, method }: Call, error: unknown): Failure {
  const { name, stack = '' } = error instanceof Error ? error : new TypeError();
  const at = stack.split('\n').filter((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line));
  log.error({ call: id, method, error: name, at: at.slice(0, 8).map((line) => line.trim()) }, 'call broke');
  return failure('internal_error');
}
