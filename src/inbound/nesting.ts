/**
 * How deep a message may be nested. JSON.parse goes as deep as it likes, but JSON.stringify, and whatever else walks a
 * value by calling itself, ends with the stack, at some thousand levels, and wherever it happens to be called.
 */
export const DEEPEST = 256;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** The bytes `[`, `]`, `{` and `}`. The closing ones are the opening ones and two. */
const [ARRAY, ARRAY_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d] as const;

/** Is a JSON text nested deeper than {@link DEEPEST}? Of a text that is no JSON it says anything. */
export function isTooDeep(json: Buffer): boolean {
  if (json.length <= 2 * DEEPEST) return false;
  // Nearly every text has fewer brackets than that, and counting them is quick.
  if (!hasMore(json, ARRAY_END, DEEPEST / 2) && !hasMore(json, OBJECT_END, DEEPEST / 2)) return false;
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i];
    if (byte === QUOTE) i = endOfString(json, i);
    else if (byte === ARRAY || byte === OBJECT) depth += 1;
    else if (byte === ARRAY_END || byte === OBJECT_END) depth -= 1;
    if (depth > DEEPEST) return true;
  }
  return false;
}

/** Does a byte occur more than so many times? */
function hasMore(bytes: Buffer, byte: number, times: number): boolean {
  let at = -1;
  for (let i = 0; i <= times; i++) {
    at = bytes.indexOf(byte, at + 1);
    if (at === -1) return false;
  }
  return true;
}

/** @param start where its opening quote stands @returns where its closing one does */
function endOfString(json: Buffer, start: number): number {
  for (let end = json.indexOf(QUOTE, start + 1); end !== -1; end = json.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return json.length;
}
