import { EntryList } from './entry-list.ts';
import type { Findings } from './findings.ts';
import type { ListNode, MapNode, Node, ScalarNode } from './node.ts';
import type { Span } from './source.ts';

/** Deeper than any configuration, shallow enough for recursion. */
const MAX_DEPTH = 64;

/** Whole ones, since the second backslash of `\\d` begins nothing; what JSON does not know is a backslash alone. */
const ESCAPE = /\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])?/g;

/** Reading went as far as it could; what stopped it is in the findings. */
class Stop extends Error {}

/**
 * Reads JSON as the editors that write `mcp.json` do: comments and trailing commas are allowed. YAML is almost a
 * superset, but its parser tells a missing comma as a broken block mapping somewhere else.
 *
 * A forgotten comma is reported and read over; any other mistake in the syntax ends the reading.
 * @returns undefined when it did not get to the end.
 */
export function readJson(text: string, findings: Findings): Node | undefined {
  try {
    return new JsonReader(text, findings).document();
  } catch (error) {
    if (error instanceof Stop) return undefined;
    throw error;
  }
}

class JsonReader {
  readonly #text: string;
  readonly #findings: Findings;
  #at = 0;
  #depth = 0;

  constructor(text: string, findings: Findings) {
    this.#text = text;
    this.#findings = findings;
  }

  document(): Node {
    const node = this.#value();
    if (this.#next() !== undefined) this.#fail(this.#here(), 'The file should end here.');
    return node;
  }

  #value(): Node {
    const first = this.#next();
    if (first === '{' || first === '[') {
      const opening = this.#here();
      if (++this.#depth > MAX_DEPTH) this.#fail(opening, 'This is nested too deeply.');
      const node = first === '{' ? this.#map(opening) : this.#list(opening);
      this.#depth--;
      return node;
    }
    if (first === '"') return this.#string();
    return this.#word();
  }

  #map(opening: Span): MapNode {
    this.#at++;
    const entries = new EntryList(this.#findings);
    while (this.#next() !== '}') {
      this.#expectItem(opening, '}');
      if (this.#next() !== '"') this.#fail(this.#here(), 'A key in double quotes should stand here.');
      const key = this.#string();
      if (this.#next() !== ':') this.#fail(this.#here(), 'A colon is missing between the key and its value.');
      this.#at++;
      entries.add({ name: String(key.value), key: key.span, value: this.#value() });
      this.#separator(opening, '}');
    }
    this.#at++;
    return { kind: 'map', span: { start: opening.start, end: this.#at }, entries: entries.all };
  }

  #list(opening: Span): ListNode {
    this.#at++;
    const items: Node[] = [];
    while (this.#next() !== ']') {
      this.#expectItem(opening, ']');
      items.push(this.#value());
      this.#separator(opening, ']');
    }
    this.#at++;
    return { kind: 'list', span: { start: opening.start, end: this.#at }, items };
  }

  #expectItem(opening: Span, closing: string): void {
    const next = this.#next();
    if (next === undefined) this.#fail(opening, `This ${this.#text[opening.start]} is never closed.`);
    if (next === ',') this.#fail(this.#here(), 'There is a comma too many.');
    if (next === '}' || next === ']') {
      this.#fail(this.#here(), `A ${closing} should stand here.`, undefined, opening);
    }
  }

  /** After an item: a comma, or the closing bracket, which is left to the caller. */
  #separator(opening: Span, closing: string): void {
    const end = this.#at;
    const next = this.#next();
    if (next === ',') this.#at++;
    else if (next === '"' || next === '{' || next === '[') {
      this.#findings.error({ start: end, end: end + 1 }, 'A comma is missing here.');
    } else if (next !== closing && next !== undefined) {
      this.#fail(this.#here(), `A comma or a ${closing} should stand here.`, undefined, opening);
    }
  }

  #string(): ScalarNode {
    const start = this.#at;
    const end = /(?:[^"\\\n\r]|\\[^\n\r])*"/y;
    end.lastIndex = start + 1;
    if (!end.test(this.#text)) this.#fail(this.#lineFrom(start), 'This text has no closing quote.');
    this.#at = end.lastIndex;
    const span = { start, end: this.#at };
    const raw = this.#text.slice(start, this.#at);
    const bad = [...raw.matchAll(ESCAPE)].find(([escape]) => escape.length === 1);
    if (bad) {
      const at = start + bad.index;
      this.#fail(
        { start: at, end: at + 2 },
        'This escape is none of JSON.',
        'A backslash itself is written \\\\.',
      );
    }
    try {
      return { kind: 'scalar', span, value: String(JSON.parse(raw)) };
    } catch {
      // Escapes and quotes are right, so what is left to be wrong is a raw control character.
      return this.#fail(span, 'This text contains a control character.', 'A tab is written \\t.');
    }
  }

  #word(): ScalarNode {
    const word = /[^\s,:{}[\]"]+/y;
    word.lastIndex = this.#at;
    const written = word.exec(this.#text)?.[0];
    if (written === undefined) return this.#fail(this.#here(), 'A value is missing here.');
    const span = { start: this.#at, end: this.#at + written.length };
    const known = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(written);
    if (!known) this.#fail(span, 'This is no JSON value.', 'Text stands in double quotes.');
    this.#at = span.end;
    const value = JSON.parse(written) as boolean | number | null;
    return { kind: 'scalar', span, value, written };
  }

  /** Skips space and comments; the character there, or undefined at the end. */
  #next(): string | undefined {
    const gap = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*/y;
    gap.lastIndex = this.#at;
    gap.test(this.#text);
    this.#at = gap.lastIndex;
    if (this.#text.startsWith('/*', this.#at)) this.#fail(this.#here(2), 'This comment is never closed.');
    return this.#text[this.#at];
  }

  #here(length = 1): Span {
    return { start: this.#at, end: this.#at + length };
  }

  #lineFrom(start: number): Span {
    const end = this.#text.slice(start).search(/[\r\n]|$/);
    return { start, end: start + Math.max(1, end) };
  }

  #fail(span: Span, message: string, hint?: string, other?: Span): never {
    this.#findings.error(span, message, hint, other);
    throw new Stop();
  }
}
