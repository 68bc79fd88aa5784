import type { JsonValue } from '../core/json.ts';

/** Looks at one text of a JSON value, and gives what is to stand there. @param key of the object it is in, if any */
export type Visit = (text: string, key: string) => string;

/** A number of so many digits may be a card or an account as well as a text may. */
const TELLING_NUMBER = 100_000_000;

const NO_KEYS: ReadonlySet<string> = new Set();

/**
 * The value with every text, every long number and every key put through `visit`; the very same value where nothing
 * changed. Iterative, since JSON may be nested deeper than the stack is. The items of a list have the key of the list.
 * @param except keys of the value itself that stay as they are, with what is under them
 */
export function rewriteTexts(
  value: JsonValue,
  visit: Visit,
  except: ReadonlySet<string> = NO_KEYS,
): JsonValue {
  // In most messages nothing changes: they are looked at, and not copied.
  let changed: Map<number, string> | undefined;
  let seen = 0;
  eachText(value, except, (text, key) => {
    const next = visit(text, key);
    if (next !== text) (changed ??= new Map()).set(seen, next);
    seen += 1;
  });
  const changes: ReadonlyMap<number, string> | undefined = changed;
  if (!changes) return value;
  seen = 0;
  return copyWith(value, except, (text) => changes.get(seen++) ?? text);
}

/** Shows every text there is, in an order that is always the same. */
function eachText(
  value: JsonValue,
  except: ReadonlySet<string>,
  show: (text: string, key: string) => void,
): void {
  const open = new Open();
  const look = (item: JsonValue, key: string): void => {
    if (typeof item === 'string') show(item, key);
    else if (typeof item === 'object') open.push(item, key);
    else if (typeof item === 'number' && isTelling(item)) show(String(item), key);
  };
  look(value, '');
  for (let next = open.pop(); next !== null; next = open.pop()) {
    const { key } = open;
    if (Array.isArray(next)) for (const item of next) look(item, key);
    else
      for (const name of Object.keys(next)) {
        if (next === value && except.has(name)) continue;
        show(name, '');
        look(next[name] ?? null, name);
      }
  }
}

type Container = JsonValue[] | { [key: string]: JsonValue };

/** Lists and objects that are still to be looked into. In most messages it is one at a time, which needs no list. */
class Open {
  /** The key of what {@link pop} gave last. */
  key = '';
  #top: Container | null = null;
  #topKey = '';
  #below: Container[] | undefined;
  #belowKeys: string[] | undefined;

  push(item: Container | null, key: string): void {
    if (item === null) return;
    if (this.#top !== null) {
      (this.#below ??= []).push(this.#top);
      (this.#belowKeys ??= []).push(this.#topKey);
    }
    this.#top = item;
    this.#topKey = key;
  }

  /** The last one that was put in; null when there is none. */
  pop(): Container | null {
    const top = this.#top;
    this.key = this.#topKey;
    this.#top = this.#below?.pop() ?? null;
    this.#topKey = this.#belowKeys?.pop() ?? '';
    return top;
  }
}

/** A copy with other texts. @param textFor is asked in the order of {@link eachText} */
function copyWith(
  value: JsonValue,
  except: ReadonlySet<string>,
  textFor: (text: string) => string,
): JsonValue {
  const root: JsonValue[] = [];
  const open: [from: JsonValue, to: JsonValue][] = [];
  const copied = (item: JsonValue): JsonValue => {
    if (typeof item === 'object' && item !== null) {
      const to: JsonValue = Array.isArray(item) ? [] : {};
      open.push([item, to]);
      return to;
    }
    const text = typeof item === 'number' && isTelling(item) ? String(item) : item;
    if (typeof text !== 'string') return item;
    const next = textFor(text);
    return next === text ? item : next;
  };
  root.push(copied(value));
  for (let next = open.pop(); next; next = open.pop()) {
    const [from, to] = next;
    if (Array.isArray(from) && Array.isArray(to)) for (const item of from) to.push(copied(item));
    else if (isMap(from) && isMap(to))
      for (const name of Object.keys(from)) {
        const isKept = from === value && except.has(name);
        put(to, isKept ? name : textFor(name), isKept ? (from[name] ?? null) : copied(from[name] ?? null));
      }
  }
  return root[0] ?? null;
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
