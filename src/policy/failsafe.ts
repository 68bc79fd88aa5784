import type { Policy } from '../core/handler.ts';
import { failure, type Reply } from '../core/reply.ts';
import type { Logger } from '../telemetry/log.ts';

/**
 * Catches what nobody expected. The caller learns nothing but that it happened; the log gets the place in our code and
 * the call's id. Not the error's message: it may quote what the call was about.
 */
export function failsafe(log: Logger): Policy {
  return (next) => (call) => {
    const failed = (error: unknown): Reply => {
      const { name, stack = '' } = error instanceof Error ? error : { name: typeof error };
      const at = stack.split('\n').filter((line) => line.startsWith('    at '));
      log.error({ call: call.id, method: call.method, error: name, at: at.slice(0, 8) }, 'internal error');
      return failure('internal_error');
    };
    try {
      return next(call).catch(failed);
    } catch (error) {
      return Promise.resolve(failed(error));
    }
  };
}
