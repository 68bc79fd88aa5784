import { isObject, type JsonObject, type JsonValue } from '../../core/json.ts';

/** Keywords whose value is data: what looks like a reference in there is none. */
const DATA: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples']);
/** Keywords whose value holds schemas under names that anybody may choose, `const` and `enum` among them. */
const NAMED: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
]);

/** Is this the schema of an object, as versions before 2026-07-28 want it? */
export function isObjectSchema(schema: JsonObject): boolean {
  return schema['type'] === 'object';
}

/**
 * The schema of `{ result: value }` for the schema of a value. Where the schema does not say whether the value is an
 * object, one that is comes as it is, and so may the schema's own object.
 */
export function wrapSchema(schema: JsonObject): JsonObject {
  const { $schema, ...rest } = schema;
  const wrapped: JsonObject = { type: 'object' };
  // The dialect is said at the root.
  if ($schema !== undefined) wrapped['$schema'] = $schema;
  if (mayBeObject(schema['type'])) {
    const inside = { properties: { result: { $ref: '#/anyOf/0' } }, required: ['result'] };
    return { ...wrapped, anyOf: [rebase(rest, '#/anyOf/0'), inside] };
  }
  const result = rebase(rest, '#/properties/result');
  return { ...wrapped, properties: { result }, required: ['result'] };
}

function mayBeObject(type: JsonValue | undefined): boolean {
  return type === undefined || (Array.isArray(type) && type.includes('object'));
}

/** The same schema at another place: references to its root are led there. */
function rebase(schema: JsonValue, place: string): JsonValue {
  if (Array.isArray(schema)) return schema.map((each) => rebase(each, place));
  if (!isObject(schema)) return schema;
  const { $id } = schema;
  // A schema with a name of its own is the root of what stands in it; `#…` is only an anchor, as drafts of old had it.
  if (typeof $id === 'string' && !$id.startsWith('#')) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, rebased(keyword, value, place)]),
  );
}

function rebased(keyword: string, value: JsonValue, place: string): JsonValue {
  if (DATA.has(keyword)) return value;
  if (keyword === '$ref' || keyword === '$dynamicRef')
    return typeof value === 'string' && /^#(\/|$)/.test(value) ? place + value.slice(1) : value;
  if (!NAMED.has(keyword) || !isObject(value)) return rebase(value, place);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, rebase(each, place)]));
}
