import type { JsonObject } from './json.ts';

/** Where a call belongs in somebody's trace, as W3C Trace Context writes it in headers, and SEP-414 in `_meta`. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** Version, trace, span and flags. A later version may say more behind them; ids of zeros and version ff are none. */
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:(?<!^00.{53})-[\x21-\x7e]{0,64})?$/;
/** What a header may say: keys and values in printable ASCII. Vendors SHOULD propagate at least 512 characters. */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/**
 * The trace context of a request, from its headers or its `_meta`. What is none is as good as not there:
 *
 * > If the vendor failed to parse traceparent, it MUST NOT attempt to parse tracestate  (W3C Trace Context, 4.2)
 */
export function traceContextOf(source: Readonly<Record<string, unknown>>): TraceContext | undefined {
  const { traceparent, tracestate } = source;
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return undefined;
  return typeof tracestate === 'string' && TRACESTATE.test(tracestate)
    ? { traceparent, tracestate }
    : { traceparent };
}

/** `_meta` with another trace context, and the rest as it was. */
export function withTraceContext(meta: JsonObject | undefined, trace: TraceContext): JsonObject {
  const { traceparent: _parent, tracestate: _state, ...others } = meta ?? {};
  return { ...others, ...trace };
}

/** Headers for a server behind HTTP: its own, and the trace that `_meta` says. */
export function withTraceHeaders(
  headers: Readonly<Record<string, string>> | undefined,
  meta: JsonObject | undefined,
): Readonly<Record<string, string>> | undefined {
  const trace = meta && traceContextOf(meta);
  return trace ? { ...headers, ...trace } : headers;
}
