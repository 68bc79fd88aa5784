import { isObject, type JsonValue } from './json.ts';

/**
 * JSON with the keys of every object in one order, so that equal values give equal texts
 * (the order and the escapes of RFC 8785; JavaScript writes numbers as it asks).
 */
export function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}
