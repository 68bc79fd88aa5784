import type { IncomingMessage } from 'node:http';
import type { Caller } from '../core/principal.ts';

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

/** A text without these values of a caller. */
export function without(secrets: readonly string[], text: string): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
}
