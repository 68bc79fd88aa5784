import type { MirroredParameter } from '../core/call.ts';
import type { JsonValue } from '../core/json.ts';
import { decodeHeaderValue } from './headers.ts';
import { valueAt } from './mcp-headers.ts';

/** The reading side of the `Mcp-Param-*` headers, in which a request over HTTP repeats arguments of a tool (SEP-2243). */

const PREFIX = 'mcp-param-';

/** The values of each header, by the lower-case name behind `Mcp-Param-`; more than one where it stands twice. */
export type ParameterHeaders = ReadonlyMap<string, readonly string[]>;

/**
 * Finds them among all headers of a request.
 * @param rawHeaders names and values in turn, as node:http gives them: what it has joined could not be told apart
 */
export function readParameterHeaders(rawHeaders: readonly string[]): ParameterHeaders {
  const found = new Map<string, string[]>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    if (!name.startsWith(PREFIX)) continue;
    const header = name.slice(PREFIX.length);
    found.set(header, [...(found.get(header) ?? []), rawHeaders[i + 1] ?? '']);
  }
  return found;
}

/** What a header may hold: everything else travels encoded. */
const VISIBLE = /^[\t\x20-\x7e]*$/;
/** A number as JSON writes it. */
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Do the headers say what the body says? A proxy that lets a request pass by what it reads in a header must have read
 * what the tool will get.
 *
 * > Servers MUST reject requests with a 400 Bad Request … if a required header is missing or a header value does not
 * > match the request body value  (basic/transports/streamable-http)
 *
 * @returns a sentence about the first header that does not, without its value
 */
export function mismatchOf(
  parameters: readonly MirroredParameter[],
  callArguments: JsonValue | undefined,
  headers: ParameterHeaders,
): string | undefined {
  for (const { header, path } of parameters) {
    const values = headers.get(header.toLowerCase()) ?? [];
    const problem = problemOf(values, valueAt(callArguments, path) ?? null);
    if (problem !== undefined) return `Mcp-Param-${header} ${problem}`;
  }
  return undefined;
}

function problemOf([given, ...more]: readonly string[], value: JsonValue): string | undefined {
  if (given === undefined) return isPrimitive(value) ? 'is missing.' : undefined;
  if (more.length > 0) return 'stands more than once.';
  const said = VISIBLE.test(given) ? decodeHeaderValue(given) : undefined;
  if (said === undefined) return 'is not encoded as it has to be.';
  return says(said, value) ? undefined : 'is not what the arguments say.';
}

/** A value that is no primitive is never repeated in a header; that it is the wrong one, the server will say. */
function isPrimitive(value: JsonValue): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** > Servers SHOULD compare integer values numerically  (server/tools): 42.0 is 42. */
function says(said: string, value: JsonValue): boolean {
  if (typeof value === 'number') return NUMBER.test(said) && Number(said) === value;
  return isPrimitive(value) && said === String(value);
}
