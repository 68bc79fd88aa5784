import type { Policy } from '../core/handler.ts';
import type { Logger } from '../telemetry/log.ts';
import { failsafe } from './failsafe.ts';
import { logCalls } from './log.ts';
import { sealRequestState } from './request-state.ts';
import { onlyDeclared } from './undeclared.ts';

/** Every policy, outermost first: what stands before another one also sees what that one refuses. */
export function policies(log: Logger): readonly Policy[] {
  return [logCalls(log), failsafe(log), sealRequestState(), onlyDeclared];
}
