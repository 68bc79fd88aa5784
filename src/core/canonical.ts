import { isObject, type JsonValue } from './json.ts';

/**
 * JSON with the keys of every object in one order, so that equal values give equal texts
 * (the order and the escapes of RFC 8785; JavaScript writes numbers as it asks).
 */
export function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  let members = '';
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    // What is undefined is not in the JSON either.
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonical(member)}`;
  }
  return `{${members}}`;
}
