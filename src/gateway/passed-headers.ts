import type { IncomingMessage } from 'node:http';
import type { Caller } from '../core/principal.ts';
import { traceContextOf } from '../core/trace-context.ts';

/** The headers that any of the servers wants, in lower case; undefined when none does. */
export function wantedHeaders(
  servers: readonly { readonly life?: { readonly passHeaders?: readonly string[] } }[],
): readonly string[] | undefined {
  const names = new Set(servers.flatMap(({ life }) => life?.passHeaders ?? []));
  return names.size > 0 ? [...names] : undefined;
}

/**
 * A caller with those headers of the request that servers may get.
 * @param wanted their names in lower case; undefined when no server wants any
 */
export function withHeaders(
  caller: Caller,
  { headers }: IncomingMessage,
  wanted: readonly string[] | undefined,
): Caller {
  if (!wanted) return caller;
  const passed = wanted.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return { ...caller, passed: new Map(passed) };
}

/** A caller with the trace that the headers say, where they do. */
export function withTrace(caller: Caller, { headers }: IncomingMessage): Caller {
  if (headers['traceparent'] === undefined) return caller;
  const trace = traceContextOf(headers);
  return trace ? { ...caller, trace } : caller;
}

/** A text without these values of a caller. */
export function without(secrets: readonly string[], text: string): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
}
