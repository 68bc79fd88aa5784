import { isObject, type JsonObject } from './json.ts';

/** The byte that opens an object. */
const OPEN = 0x7b;
/** The bytes that JSON takes for blank: tab, newline, carriage return, space. */
const BLANKS: readonly (number | undefined)[] = [9, 10, 13, 32];
/** More bytes than anybody puts between a key and its value. */
const WINDOW = 64;

/**
 * The result object of a reply, parsed only when somebody needs the object.
 *
 * It is held in one of three forms:
 * - **wire text**: a string whose character codes are the UTF-8 bytes of the JSON (what `latin1` decoding gives).
 *   Such a string is cut, joined and written without ever being transcoded, and stays byte for byte what the server sent.
 * - **chunks**: the bytes as they were read from the server, for large results. Nobody copies them.
 * - **value**: an object that the gateway made, or changed.
 */
export class Body {
  readonly #chunks: readonly Buffer[] | undefined;
  #wire: string | undefined;
  #value: JsonObject | undefined;
  /** Bytes of the JSON text, or undefined while it has not been written yet. */
  readonly #size: number | undefined;

  private constructor(parts: {
    wire?: string;
    chunks?: readonly Buffer[];
    size?: number;
    value?: JsonObject;
  }) {
    this.#wire = parts.wire;
    this.#chunks = parts.chunks;
    this.#value = parts.value;
    this.#size = parts.size;
  }

  /**
   * A body from wire text: JSON of an object, one character a byte.
   * @param value the object, where somebody has read it already
   */
  static wire(text: string, value?: JsonObject): Body {
    return value === undefined ? new Body({ wire: text }) : new Body({ wire: text, value });
  }

  /** A body from the bytes of a JSON object, `size` bytes in all. */
  static chunks(chunks: readonly Buffer[], size: number): Body {
    return new Body({ chunks, size });
  }

  /** A body from an object. */
  static value(value: JsonObject): Body {
    return new Body({ value });
  }

  /** The chunks of a large body, or undefined for one that fits in a string. */
  get chunks(): readonly Buffer[] | undefined {
    return this.#chunks;
  }

  /** Bytes of the JSON text. */
  get size(): number {
    return this.#size ?? this.text.length;
  }

  /** The JSON as wire text, whatever the form. */
  get text(): string {
    if (this.#wire !== undefined) return this.#wire;
    if (this.#chunks) return this.#chunks.map((chunk) => chunk.toString('latin1')).join('');
    this.#wire = toWire(JSON.stringify(this.#value));
    return this.#wire;
  }

  /**
   * The object. Whoever wants to change it makes a new body of a copy.
   * @throws {SyntaxError} when the server's bytes are not the JSON of an object.
   */
  parse(): JsonObject {
    if (this.#value) return this.#value;
    const value: unknown = JSON.parse(this.#decoded());
    if (!isObject(value)) throw new SyntaxError('the result is not an object');
    this.#value = value;
    return value;
  }

  #decoded(): string {
    if (this.#chunks) return Buffer.concat(this.#chunks).toString('utf8');
    return isAscii(this.text) ? this.text : Buffer.from(this.text, 'latin1').toString('utf8');
  }

  /** The object, or undefined where the server's bytes are not the JSON of one. */
  tryParse(): JsonObject | undefined {
    try {
      return this.parse();
    } catch {
      return undefined;
    }
  }

  /**
   * Does the object have this member? Parses only when the bytes hold the key somewhere. What is no JSON has no members:
   * whoever needs the object finds out.
   */
  has(key: string): boolean {
    if (this.#value) return Object.hasOwn(this.#value, key);
    const mayHave = this.mentions(`"${key}"`);
    // A key may be written with escapes ("\u0074tlMs"); nobody does, and then it counts as another key.
    const value = mayHave ? this.tryParse() : undefined;
    return value !== undefined && Object.hasOwn(value, key);
  }

  /**
   * Do these characters stand anywhere in the JSON text, and where a pattern is given, does it hold for what is there?
   * Looked for in the bytes: a large body in which there is nothing to find is never parsed.
   * @param pattern of the characters and what follows them, {@link WINDOW} bytes at most
   */
  mentions(characters: string, pattern?: RegExp): boolean {
    if (!this.#chunks) return stands(this.text, characters, pattern);
    return spans(this.#chunks, characters, pattern);
  }

  /**
   * This object with `members` (wire text such as `"a":1,"b":2`) put behind its own. Where the object has one of them
   * already, ours counts: readers take the last of two.
   */
  append(members: string): Body {
    const chunks = this.#chunks;
    if (!chunks) return Body.wire(withMembers(this.text, members));
    // The closing brace goes, and comes again behind the members. Only these few bytes are written anew.
    const kept = [...chunks];
    trimEnd(kept);
    const last = kept.pop();
    if (last) kept.push(last.subarray(0, -1));
    const before = trimEnd(kept);
    kept.push(Buffer.from(`${before === OPEN ? '' : ','}${members}}`, 'latin1'));
    return Body.chunks(
      kept,
      kept.reduce((size, chunk) => size + chunk.length, 0),
    );
  }

  /**
   * This object without a member whose text is known, if it stands first or last: `"a":1` out of `{"a":1,…}` or
   * `{…,"a":1}`. Undefined when it stands elsewhere. Nothing is parsed: what follows the opening brace, and what comes
   * before the closing one, are members of this very object.
   */
  withoutEnd(member: string): Body | undefined {
    const chunks = this.#chunks;
    if (!chunks) {
      const text = this.text;
      if (text.startsWith(`{${member},`)) return Body.wire(`{${text.slice(member.length + 2)}`);
      if (text.endsWith(`,${member}}`)) return Body.wire(`${text.slice(0, -member.length - 2)}}`);
      return undefined;
    }
    const size = this.size - member.length - 1;
    const first = chunks[0];
    if (first?.toString('latin1', 0, member.length + 2).startsWith(`{${member},`)) {
      const opened = Buffer.concat([Buffer.from('{'), first.subarray(member.length + 2)]);
      return Body.chunks([opened, ...chunks.slice(1)], size);
    }
    const last = chunks.at(-1);
    const end = (last?.length ?? 0) - member.length - 2;
    if (!last || end < 0 || last.toString('latin1', end) !== `,${member}}`) return undefined;
    return Body.chunks([...chunks.slice(0, -1), last.subarray(0, end), Buffer.from('}')], size);
  }

  /** This object without the members named. */
  without(...keys: string[]): Body {
    const present = keys.filter((key) => this.has(key));
    if (present.length === 0) return this;
    return Body.value(
      Object.fromEntries(Object.entries(this.parse()).filter(([key]) => !present.includes(key))),
    );
  }
}

/** JSON text as wire text: one character a byte. */
export function toWire(json: string): string {
  return isAscii(json) ? json : Buffer.from(json, 'utf8').toString('latin1');
}

/** Does it read the same as wire text and as text? */
export function isAscii(text: string): boolean {
  // One byte for each unit.
  return Buffer.byteLength(text) === text.length;
}

/** Puts members before the closing brace of an object. */
function withMembers(object: string, members: string): string {
  const close = object.lastIndexOf('}');
  const before = object.slice(0, close).trimEnd();
  return `${before}${before.endsWith('{') ? '' : ','}${members}}`;
}

/** Takes the blanks off the end of the chunks, and says which byte is the last one then. */
function trimEnd(chunks: Buffer[]): number | undefined {
  for (let last = chunks.pop(); last; last = chunks.pop()) {
    let end = last.length;
    while (BLANKS.includes(last[end - 1])) end -= 1;
    if (end === 0) continue;
    chunks.push(last.subarray(0, end));
    return last[end - 1];
  }
  return undefined;
}

/** The same in chunks, also across a border. */
function spans(chunks: readonly Buffer[], characters: string, pattern: RegExp | undefined): boolean {
  let tail = '';
  for (const chunk of chunks) {
    if (stands(tail + chunk.toString('latin1', 0, WINDOW), characters, pattern)) return true;
    let at = chunk.indexOf(characters, 0, 'latin1');
    for (; at !== -1; at = chunk.indexOf(characters, at + 1, 'latin1'))
      if (stands(chunk.toString('latin1', at, at + WINDOW), characters, pattern)) return true;
    tail = (tail + chunk.toString('latin1', Math.max(0, chunk.length - WINDOW))).slice(-WINDOW);
  }
  return false;
}

function stands(text: string, characters: string, pattern: RegExp | undefined): boolean {
  return text.includes(characters) && (pattern === undefined || pattern.test(text));
}
