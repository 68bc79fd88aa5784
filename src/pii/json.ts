import type { JsonObject, JsonValue } from '../core/json.ts';

/**
 * Looks at one text of a JSON value, and gives what is to stand there.
 * @param key of the object it is in; empty where it is in none, undefined where the text itself is a key
 */
export type Visit = (text: string, key: string | undefined) => string;

/** A number of so many digits may be a card or an account as well as a text may. */
const TELLING_NUMBER = 100_000_000;

const NO_KEYS: ReadonlySet<string> = new Set();

/**
 * The value with every text, every long number and every key put through `visit`; the very same value where nothing
 * changed. Iterative, since JSON may be nested deeper than the stack is. The items of a list have the key of the list.
 * @param except keys of the value itself that stay as they are, with what is under them
 */
export function rewriteTexts(value: JsonObject, visit: Visit, except?: ReadonlySet<string>): JsonObject;
export function rewriteTexts(value: JsonValue, visit: Visit, except?: ReadonlySet<string>): JsonValue;
export function rewriteTexts(
  value: JsonValue,
  visit: Visit,
  except: ReadonlySet<string> = NO_KEYS,
): JsonValue {
  // In most messages nothing changes: they are looked at, and not copied.
  const changes = new Reading(visit, except).changesIn(value);
  if (!changes) return value;
  let seen = 0;
  return copyWith(value, except, (text) => changes.get(seen++) ?? text);
}

type Container = JsonValue[] | { [key: string]: JsonValue };

/** Shows every text of a value, in an order that is always the same. One object, since there are two for each call. */
class Reading {
  readonly #visit: Visit;
  readonly #except: ReadonlySet<string> | undefined;
  #changes: Map<number, string> | undefined;
  #seen = 0;
  // What is still to be looked into: in most messages one thing at a time, which needs no lists.
  #next: Container | null = null;
  #nextKey = '';
  #later: Container[] | undefined;
  #laterKeys: string[] | undefined;

  constructor(visit: Visit, except: ReadonlySet<string>) {
    this.#visit = visit;
    this.#except = except.size > 0 ? except : undefined;
  }

  /** The new texts by their place in the order; undefined when all stay as they are. */
  changesIn(value: JsonValue): ReadonlyMap<number, string> | undefined {
    this.#look(value, '');
    while (this.#next !== null) {
      const container = this.#next;
      const key = this.#nextKey;
      this.#next = this.#later?.pop() ?? null;
      this.#nextKey = this.#laterKeys?.pop() ?? '';
      if (Array.isArray(container)) for (const item of container) this.#look(item, key);
      else
        for (const name in container) {
          if (container === value && this.#except?.has(name)) continue;
          this.#show(name, undefined);
          this.#look(container[name] ?? null, name);
        }
    }
    return this.#changes;
  }

  #look(item: JsonValue, key: string): void {
    if (typeof item === 'string') this.#show(item, key);
    else if (typeof item === 'object') this.#put(item, key);
    else if (typeof item === 'number' && isTelling(item)) this.#show(String(item), key);
  }

  #show(text: string, key: string | undefined): void {
    const next = this.#visit(text, key);
    if (next !== text) (this.#changes ??= new Map()).set(this.#seen, next);
    this.#seen += 1;
  }

  #put(item: Container | null, key: string): void {
    if (item === null) return;
    if (this.#next !== null) {
      (this.#later ??= []).push(this.#next);
      (this.#laterKeys ??= []).push(this.#nextKey);
    }
    this.#next = item;
    this.#nextKey = key;
  }
}

/** A copy with other texts. @param textFor is asked in the order of {@link Reading} */
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
      for (const name in from) {
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
