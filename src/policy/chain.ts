import type { Policy } from '../core/handler.ts';
import type { Logger } from '../telemetry/log.ts';
import { type Recorder, recordCalls } from './audit.ts';
import { failsafe } from './failsafe.ts';
import { logCalls } from './log.ts';
import { type SealOptions, sealRequestState } from './request-state.ts';
import { onlyDeclared } from './undeclared.ts';

/** Every policy, outermost first: what stands before another one also sees what that one refuses. */
export function policies(log: Logger, seal: SealOptions = {}, recorder?: Recorder): readonly Policy[] {
  const record = recorder ? [recordCalls(recorder)] : [];
  return [logCalls(log), ...record, failsafe(log), sealRequestState(seal), onlyDeclared];
}
