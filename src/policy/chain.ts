import type { Policy } from '../core/handler.ts';
import type { Logger } from '../telemetry/log.ts';
import { type Recorder, recordCalls } from './audit.ts';
import { failsafe } from './failsafe.ts';
import { logCalls } from './log.ts';
import { type SealOptions, sealRequestState } from './request-state.ts';
import { propagateTrace } from './trace-context.ts';
import { onlyDeclared } from './undeclared.ts';

/** Whoever keeps a record of calls, where somebody does. */
export interface Watching {
  readonly recorder?: Recorder | undefined;
  /** What counts or traces them. */
  readonly around?: readonly Policy[];
}

/** Every policy, outermost first: what stands before another one also sees what that one refuses. */
export function policies(
  log: Logger,
  seal: SealOptions = {},
  { recorder, around = [] }: Watching = {},
): readonly Policy[] {
  const record = recorder ? [recordCalls(recorder)] : [];
  return [
    logCalls(log),
    ...around,
    ...record,
    failsafe(log),
    sealRequestState(seal),
    onlyDeclared,
    propagateTrace,
  ];
}
