import { isLetterOrDigit } from './characters.ts';

/** How much of the text around a find is searched for context words, in UTF-16 units. */
const BEFORE = 50;
const AFTER = 20;

/** Pairs of characters that are told apart: enough to pass by most words that are none of these. */
const CELLS = 1 << 12;

export interface ContextWord {
  /** In lower case. A blank within stands for a blank, a hyphen, `_`, or nothing at all. */
  readonly text: string;
  /** A word has to begin with it: `tel`, but no `hotel`. */
  readonly isStart: boolean;
  /** A word has to end with it. */
  readonly isEnd: boolean;
}

/**
 * Words that say what a number near them is: in the text around it, or in the key that it is the value of. They are read in
 * keys as well: `account number` in `account_number` and in `accountNumber`. Every number of a text is asked about again
 * and again, so this reads the text where it stands, and stops only at two characters that one of the words begins with.
 */
export class ContextWords {
  /** By what they begin with. */
  readonly #words = new Map<number, ContextWord[]>();
  /** A bit for each list of words above. */
  readonly #begins = new Int32Array(CELLS / 32);
  /** Words of a single character, in either case. */
  readonly #signs: string[] = [];

  constructor(words: readonly ContextWord[]) {
    for (const word of words) {
      if (word.text.length === 1) this.#signs.push(word.text, word.text.toUpperCase());
      else this.#add(word);
    }
  }

  /** Is one of them near the part of the text from `start` to `end`? */
  areNear(
    { text, key }: { readonly text: string; readonly key: string },
    start: number,
    end: number,
  ): boolean {
    return (
      this.#areIn(text, Math.max(0, start - BEFORE), start) ||
      this.#areIn(text, end, Math.min(text.length, end + AFTER)) ||
      (key !== '' && this.#areIn(key, 0, key.length))
    );
  }

  #add(word: ContextWord): void {
    const { text } = word;
    const seconds = text.charAt(1) === ' ' ? JOINTS + text.charAt(2) : text.charAt(1);
    for (const second of seconds) {
      const cell = cellOf(text.charCodeAt(0), second.charCodeAt(0));
      this.#begins[cell >> 5] = (this.#begins[cell >> 5] ?? 0) | (1 << cell);
      this.#words.set(cell, [...(this.#words.get(cell) ?? []), word]);
    }
  }

  /** From the end, since most words about a number stand right in front of it. */
  #areIn(text: string, from: number, to: number): boolean {
    const begins = this.#begins;
    let behind = 0;
    for (let at = to - 1; at >= from; at--) {
      const unit = lower(text.charCodeAt(at));
      const cell = cellOf(unit, behind);
      if ((((begins[cell >> 5] ?? 0) >> cell) & 1) === 1 && this.#isWordAt(cell, text, at, to)) return true;
      behind = unit;
    }
    if (this.#signs.length === 0) return false;
    const part = text.slice(from, to);
    return this.#signs.some((sign) => part.includes(sign));
  }

  #isWordAt(cell: number, text: string, at: number, to: number): boolean {
    for (const { text: word, isStart, isEnd } of this.#words.get(cell) ?? []) {
      const end = endOf(word, text, at, to);
      if (end > 0 && (!isStart || isBetweenWords(text, at)) && (!isEnd || isBetweenWords(text, end)))
        return true;
    }
    return false;
  }
}

/**
 * @param notation the words in lower case with blanks between them; a hyphen in a word is a blank that may be missing, `^`
 *   and `$` stand where a word has to begin and end: `^tel phone call-me ^hp$`
 */
export function contextWords(notation: string): ContextWords {
  return new ContextWords(
    notation.split(/\s+/).map((word) => ({
      text: word.replaceAll(/^\^|\$$/g, '').replaceAll('-', ' '),
      isStart: word.startsWith('^'),
      isEnd: word.endsWith('$'),
    })),
  );
}

/** Where a word that begins at `at` ends, at most at `to`; 0 when it is not there. */
function endOf(word: string, text: string, at: number, to: number): number {
  let i = at;
  for (let k = 0; k < word.length; k++) {
    const wanted = word.charCodeAt(k);
    if (wanted === BLANK) {
      if (i < to && JOINTS.includes(text.charAt(i))) i += 1;
    } else if (i >= to || lower(text.charCodeAt(i)) !== wanted) return 0;
    else i += 1;
  }
  return i;
}

const BLANK = 32;
/** What a blank of a word stands for. */
const JOINTS = ' \t\n-_';

/** Does a word begin or end at this place? `_` is none of its letters, and a capital behind a small letter begins one. */
function isBetweenWords(text: string, at: number): boolean {
  return (
    !isLetterOrDigit(text, at - 1) ||
    !isLetterOrDigit(text, at) ||
    (isSmall(text, at - 1) && isCapital(text, at))
  );
}

function isSmall(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 97 && unit <= 122;
}

function isCapital(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 65 && unit <= 90;
}

/** The small letters of Latin, Greek, Cyrillic, Armenian and Georgian, by their capitals; hardly any other script has both. */
const LOWER = Uint16Array.from({ length: 0x20_00 }, (_, unit) =>
  String.fromCharCode(unit).toLowerCase().charCodeAt(0),
);

function lower(unit: number): number {
  return unit < LOWER.length ? (LOWER[unit] ?? unit) : unit;
}

function cellOf(first: number, second: number): number {
  return ((first * 31) ^ second) & (CELLS - 1);
}
