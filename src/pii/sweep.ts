import { KIND, KINDS } from './characters.ts';

/** Where a recogniser has to look, and nowhere else. Positions ascend. */
export interface Sweep {
  /** Did it stop nowhere? */
  readonly isEmpty: boolean;
  /** Runs of ASCII digits: start and end by turns. */
  readonly digits: readonly number[];
  /** Words of 17 characters and more: start and end by turns. */
  readonly longWords: readonly number[];
  /** Is there any of the single characters below? */
  readonly hasStops: boolean;
  /** Positions of single characters, by what they may stand for. */
  readonly at: readonly number[];
  readonly colon: readonly number[];
  readonly plus: readonly number[];
  readonly honorific: readonly number[];
  readonly label: readonly number[];
  readonly role: readonly number[];
  readonly title: readonly number[];
}

/** A MAC address; keys and tokens are longer. */
const LONG_WORD = 17;

/**
 * One pass over the text, which stops only where something can begin: this is what text without personal data costs.
 * @returns undefined when the text has another form in NFKC, and has to be read in that one
 */
export function sweep(text: string): Sweep | undefined;
/** The same over a text that has been brought to that form. */
export function sweep(text: string, form: 'normalized'): Sweep;
export function sweep(text: string, form?: 'normalized'): Sweep | undefined {
  const { length } = text;
  if (length <= SHORT && isPlainName(text)) return NOTHING;
  const units = unitsOf(text);
  if (isPlain(units, length)) return NOTHING;
  // Lists are made when there is something for them: most texts have something for one or two.
  let digits: number[] | undefined;
  let longWords: number[] | undefined;
  let stops: (number[] | undefined)[] | undefined;
  let word = 0;
  let i = 0;
  while (i < length) {
    const kind = kindAt(units, i);
    if (kind === KIND.PLAIN) {
      i = endOfPlain(units, i + 1, length);
    } else if (kind === KIND.DIGIT) {
      const start = i;
      do i += 1;
      while (i < length && kindAt(units, i) === KIND.DIGIT);
      digits = withRun(digits, start, i);
    } else {
      const isInWord = kind === KIND.PLUS || kind === KIND.TITLE;
      if (!isInWord && i - word >= LONG_WORD) longWords = withRun(longWords, word, i);
      if (kind === KIND.FOREIGN) {
        if (form === undefined) return undefined;
      } else if (kind !== KIND.BREAK) {
        stops ??= [];
        (stops[kind] ??= []).push(i);
      }
      i += 1;
      if (!isInWord) word = i;
    }
  }
  if (length - word >= LONG_WORD) longWords = withRun(longWords, word, length);
  if (!digits && !longWords && !stops) return NOTHING;
  return {
    isEmpty: false,
    hasStops: stops !== undefined,
    digits: digits ?? NONE,
    longWords: longWords ?? NONE,
    at: stops?.[KIND.AT] ?? NONE,
    colon: stops?.[KIND.COLON] ?? NONE,
    plus: stops?.[KIND.PLUS] ?? NONE,
    honorific: stops?.[KIND.HONORIFIC] ?? NONE,
    label: stops?.[KIND.LABEL] ?? NONE,
    role: stops?.[KIND.ROLE] ?? NONE,
    title: stops?.[KIND.TITLE] ?? NONE,
  };
}

/** Most texts have one of a kind at most: a list that is made with it has no room to spare. */
function withRun(runs: number[] | undefined, start: number, end: number): number[] {
  if (!runs) return [start, end];
  runs.push(start, end);
  return runs;
}

/** Where a run of plain units ends. Four at a time: such runs are long in keys, and in rows of dashes and dots. */
function endOfPlain(units: Uint16Array, start: number, length: number): number {
  let i = start;
  while (
    i + 4 <= length &&
    (kindAt(units, i) | kindAt(units, i + 1) | kindAt(units, i + 2) | kindAt(units, i + 3)) === KIND.PLAIN
  )
    i += 4;
  while (i < length && kindAt(units, i) === KIND.PLAIN) i += 1;
  return i;
}

function kindAt(units: Uint16Array, index: number): number {
  return KINDS[units[index] ?? 0] ?? KIND.BREAK;
}

/** Is there nothing to stop at? Many sentences are so, and need no lists of places. */
function isPlain(units: Uint16Array, length: number): boolean {
  let word = 0;
  for (let i = 0; i < length; i++) {
    const kind = kindAt(units, i);
    if (kind === KIND.PLAIN) continue;
    if (kind !== KIND.BREAK || i - word >= LONG_WORD) return false;
    word = i + 1;
  }
  return length - word < LONG_WORD;
}

/** No word in it is a long one. */
const SHORT = LONG_WORD - 1;

/** The same of a short text, which most keys are: looked at as it is. */
function isPlainName(text: string): boolean {
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const kind = KINDS[text.charCodeAt(i)];
    if (kind !== KIND.PLAIN && kind !== KIND.BREAK) return false;
  }
  return true;
}

/** For the units of the text that is swept just now, if they fit. */
const ROOM = new Uint16Array(32 * 1024);
const ROOM_BYTES = Buffer.from(ROOM.buffer);

/** The UTF-16 units of a text, and perhaps more behind them. An array is read in half the time of a string. */
function unitsOf(text: string): Uint16Array {
  const isRoomy = text.length <= ROOM.length;
  const units = isRoomy ? ROOM : new Uint16Array(text.length);
  (isRoomy ? ROOM_BYTES : Buffer.from(units.buffer)).write(text, 'utf16le');
  return units;
}

const NONE: readonly number[] = Object.freeze([]);

const NOTHING: Sweep = {
  isEmpty: true,
  hasStops: false,
  digits: NONE,
  longWords: NONE,
  at: NONE,
  colon: NONE,
  plus: NONE,
  honorific: NONE,
  label: NONE,
  role: NONE,
  title: NONE,
};
