import type { JsonValue } from '../core/json.ts';

/** Looks at one text of a JSON value, and gives what is to stand there. @param key of the object it is in, if any */
export type Visit = (text: string, key: string) => string;

/** A number of so many digits may be a card or an account as well as a text may. */
const TELLING_NUMBER = 100_000_000;

/**
 * The value with every text, every long number and every key put through `visit`; the very same value where nothing
 * changed. Iterative, since JSON may be nested deeper than the stack is. The items of a list have the key of the list.
 */
export function rewriteTexts(value: JsonValue, visit: Visit): JsonValue {
  const root: JsonValue[] = [value];
  const copy: JsonValue[] = [];
  let isChanged = false;
  const open: [from: JsonValue, to: JsonValue, key: string][] = [[root, copy, '']];
  const rewritten = (item: JsonValue, key: string): JsonValue => {
    if (typeof item === 'object' && item !== null) {
      const to: JsonValue = Array.isArray(item) ? [] : {};
      open.push([item, to, key]);
      return to;
    }
    const text = typeof item === 'number' && isTelling(item) ? String(item) : item;
    if (typeof text !== 'string') return item;
    const next = visit(text, key);
    if (next === text) return item;
    isChanged = true;
    return next;
  };
  for (let next = open.pop(); next; next = open.pop()) {
    const [from, to, key] = next;
    if (Array.isArray(from) && Array.isArray(to)) for (const item of from) to.push(rewritten(item, key));
    else if (isMap(from) && isMap(to))
      for (const name of Object.keys(from)) {
        const shown = visit(name, '');
        isChanged ||= shown !== name;
        put(to, shown, rewritten(from[name] ?? null, name));
      }
  }
  return isChanged ? (copy[0] ?? null) : value;
}

function isTelling(value: number): boolean {
  return Number.isSafeInteger(value) && value >= TELLING_NUMBER;
}

function isMap(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `__proto__` is a key like any other, and two keys that were masked alike both stay. */
function put(to: { [key: string]: JsonValue }, key: string, value: JsonValue): void {
  let name = key;
  for (let n = 2; Object.hasOwn(to, name); n++) name = `${key} (${n})`;
  if (name === '__proto__')
    Object.defineProperty(to, name, { value, enumerable: true, configurable: true, writable: true });
  else to[name] = value;
}
