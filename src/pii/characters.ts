/** What a character means to the sweep. Everything that no recogniser begins with is `PLAIN` or `BREAK`. */
export const KIND = {
  /** Goes on: a letter, and what keys and tokens are made of. */
  PLAIN: 0,
  /** Ends a word. */
  BREAK: 1,
  DIGIT: 2,
  AT: 3,
  /** `:` and `=`, behind which the value of a label stands. */
  COLON: 4,
  PLUS: 5,
  /** 님 and 씨. */
  HONORIFIC: 6,
  /** The last syllable of a Korean label, such as 름 of 이름. */
  LABEL: 7,
  /** The first letter of a title, such as that of `Mr`. */
  TITLE: 8,
  /** The last syllable of a Korean title, such as 장 of 과장. */
  ROLE: 9,
  /** Has another form in NFKC, combines with its neighbour, or cannot be seen. */
  FOREIGN: 10,
} as const;

const HONORIFICS = '님씨';
/** Last syllables of the labels in recognisers/person-korean.ts. */
const LABEL_ENDS = '름명자주객인원함소지처';
/** Last syllables of the titles in recognisers/person-korean.ts. */
const ROLE_ENDS = '장리표사수생하상림독군양';
const TITLES = 'MDPS';
/** What tokens are made of, besides letters and digits. */
const INSIDE_WORDS = '_-.+/~';

/** The kind of every UTF-16 unit. */
export const KINDS: Uint8Array = table();

function table(): Uint8Array {
  const kinds = new Uint8Array(0x1_00_00).fill(KIND.BREAK);
  for (let code = 0x80; code < kinds.length; code++) if (isForeign(code)) kinds[code] = KIND.FOREIGN;
  const put = (chars: string, kind: number): void => {
    for (const char of chars) kinds[char.charCodeAt(0)] = kind;
  };
  put('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', KIND.PLAIN);
  put(INSIDE_WORDS, KIND.PLAIN);
  put('0123456789', KIND.DIGIT);
  put('@', KIND.AT);
  put(':=', KIND.COLON);
  put('+', KIND.PLUS);
  put(HONORIFICS, KIND.HONORIFIC);
  put(LABEL_ENDS, KIND.LABEL);
  put(ROLE_ENDS, KIND.ROLE);
  put(TITLES, KIND.TITLE);
  return kinds;
}

function isForeign(code: number): boolean {
  // Half of a pair: only tags and styled letters (𝟎𝟏𝟎) matter, which begin with these.
  if (code >= 0xd800 && code <= 0xdfff) return code === 0xd835 || code === 0xdb40 || code === 0xd83c;
  // The single letters of chats, as in ㅋㅋ and ㅠㅠ, say nothing in another form either.
  if (code >= 0x3131 && code <= 0x318e && code !== 0x3164) return false;
  const char = String.fromCharCode(code);
  return (
    char.normalize('NFKC') !== char ||
    /[\p{M}\p{Cf}\u1100-\u11ff\u2010-\u2015\u2043\u2212\u00b7\u2024\u2027\u30fb\u30fc]/u.test(char)
  );
}

/** 1 for what `\w` matches, of every UTF-16 unit. */
const WORD = new Uint8Array(0x1_00_00);
for (let code = 0; code < 0x80; code++) if (/\w/.test(String.fromCharCode(code))) WORD[code] = 1;

/** 1 for the digits of hexadecimal. */
const HEX = new Uint8Array(0x1_00_00);
for (const char of '0123456789abcdefABCDEF') HEX[char.charCodeAt(0)] = 1;

/** Is the unit at `index` a hexadecimal digit? What lies outside the text is not. */
export function isHex(text: string, index: number): boolean {
  return HEX[unitAt(text, index)] === 1;
}

/** Is the unit at `index` an ASCII letter, a digit or `_`? What lies outside the text is not. */
export function isWord(text: string, index: number): boolean {
  return WORD[unitAt(text, index)] === 1;
}

/** The UTF-16 units of some characters. A unit is looked up without making a text of it. */
export function unitsIn(chars: string): ReadonlySet<number> {
  return new Set(Array.from(chars, (char) => char.charCodeAt(0)));
}

/** Is the unit at `index` an ASCII letter or a digit? What lies outside the text is not. */
export function isLetterOrDigit(text: string, index: number): boolean {
  return isWord(text, index) && text.charCodeAt(index) !== UNDERSCORE;
}

const UNDERSCORE = '_'.charCodeAt(0);

/** 0 outside of the text. There it would be NaN, which is no index and is looked up as a name. */
function unitAt(text: string, index: number): number {
  return index >= 0 && index < text.length ? text.charCodeAt(index) : 0;
}
