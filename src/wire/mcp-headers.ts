import type { MirroredParameter } from '../core/call.ts';
import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';

/**
 * The MCP headers of a modern request over HTTP, the writing side. They repeat what the body says, for whoever looks at
 * requests on their way without reading bodies (basic/transports/streamable-http, server/tools).
 */

/** Which parameter names what the request is about. */
const NAMED_BY: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** The headers that every modern request has: version, method, and the name where the method is about one. */
export function standardHeaders(version: string, method: string, params: JsonObject): Record<string, string> {
  const headers: Record<string, string> = { 'mcp-protocol-version': version, 'mcp-method': method };
  const name = params[NAMED_BY.get(method) ?? ''];
  if (NAMED_BY.has(method) && typeof name === 'string') headers['mcp-name'] = encodeHeaderValue(name);
  return headers;
}

/**
 * A text as the value of an MCP header. What a header cannot carry unchanged, and what looks like the encoding itself,
 * is carried as `=?base64?…?=`.
 */
export function encodeHeaderValue(value: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value);
  if (isPlain && !value.startsWith('=?base64?')) return value;
  return `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}

/** Keywords under which further schemas stand, by the shape of what stands there. */
const ONE_OR_MANY = [
  'items',
  'prefixItems',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
] as const;
const BY_NAME = ['patternProperties', 'dependentSchemas', '$defs', 'definitions'] as const;
/** A schema of more parts than this is not looked through, and counts as invalid where it has annotations. */
const MOST_PARTS = 10_000;
/** RFC 9110, 5.6.2: what a header's name is made of. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

interface Part {
  readonly schema: JsonValue;
  readonly path: readonly string[];
  /** Is it reached from the root by `properties` alone? */
  readonly isParameter: boolean;
}

/**
 * The parameters that a tool's `inputSchema` annotates with `x-mcp-header`.
 *
 * > the annotation … MUST NOT be empty, MUST match the token syntax, MUST be case-insensitively unique, MUST only be
 * > applied to parameters with primitive types … clients MUST exclude tools that violate this  (server/tools)
 *
 * @returns a sentence on what is wrong where the annotations break these rules
 */
export function mirroredParameters(inputSchema: JsonValue | undefined): MirroredParameter[] | string {
  const found = new Map<string, MirroredParameter>();
  const parts: Part[] = [{ schema: inputSchema ?? null, path: [], isParameter: true }];
  for (let i = 0; i < parts.length; i++) {
    if (i === MOST_PARTS) return 'the schema has too many parts';
    const part = parts[i];
    if (!part || !isObject(part.schema)) continue;
    const { schema, path } = part;
    if (Object.hasOwn(schema, 'x-mcp-header')) {
      const problem = problemOf(part, found);
      if (problem !== undefined) return problem;
      const header = headerOf(schema);
      found.set(header.toLowerCase(), { header, path });
    }
    parts.push(...partsOf(part));
  }
  return [...found.values()];
}

function problemOf(
  { schema, path, isParameter }: Part,
  found: ReadonlyMap<string, unknown>,
): string | undefined {
  const { type } = isObject(schema) ? schema : {};
  const header = headerOf(schema);
  if (!isParameter || path.length === 0) return 'x-mcp-header stands where no parameter is';
  if (!TOKEN.test(header)) return 'x-mcp-header is not the name of a header';
  if (type !== 'string' && type !== 'integer' && type !== 'boolean')
    return 'x-mcp-header stands at a parameter that is no string, integer or boolean';
  return found.has(header.toLowerCase()) ? 'x-mcp-header names the same header twice' : undefined;
}

/** The annotation; empty where it is no text. */
function headerOf(schema: JsonValue): string {
  const header = isObject(schema) ? schema['x-mcp-header'] : undefined;
  return typeof header === 'string' ? header : '';
}

function partsOf({ schema, path, isParameter }: Part): Part[] {
  if (!isObject(schema)) return [];
  const { properties } = schema;
  const parameters = isObject(properties) ? Object.entries(properties) : [];
  const others = [
    ...ONE_OR_MANY.map((key) => schema[key]).flatMap((value) => (Array.isArray(value) ? value : [value])),
    ...BY_NAME.map((key) => schema[key]).flatMap((value) => (isObject(value) ? Object.values(value) : [])),
  ];
  return [
    ...parameters.map(([name, value]) => ({ schema: value, path: [...path, name], isParameter })),
    ...others.map((value) => ({ schema: value ?? null, path, isParameter: false })),
  ];
}

/**
 * The `Mcp-Param-*` headers of a call. A parameter that is absent or null has none; neither has one that is no primitive
 * value, which the server will refuse anyway.
 */
export function parameterHeaders(
  parameters: readonly MirroredParameter[],
  callArguments: JsonValue | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { header, path } of parameters) {
    const value = valueAt(callArguments, path);
    const isBeyond = Number.isInteger(value) && !Number.isSafeInteger(value);
    if ((typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') && !isBeyond)
      headers[`mcp-param-${header.toLowerCase()}`] = encodeHeaderValue(String(value));
  }
  return headers;
}

/** The value of a parameter in the arguments of a call; undefined where it has none. */
export function valueAt(
  callArguments: JsonValue | undefined,
  path: readonly string[],
): JsonValue | undefined {
  let value = callArguments;
  for (const key of path) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}
