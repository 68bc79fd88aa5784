import type { Policy } from '../core/handler.ts';
import { traceContextOf, withTraceContext } from '../core/trace-context.ts';

/**
 * A trace that came in headers goes on in `_meta`, which every transport carries. What `_meta` says itself counts more:
 * it is about this very call, and headers only about the request that it came in.
 */
export const propagateTrace: Policy = (next) => (call) =>
  call.trace && !(call.meta && traceContextOf(call.meta))
    ? next({ ...call, meta: withTraceContext(call.meta, call.trace) })
    : next(call);
