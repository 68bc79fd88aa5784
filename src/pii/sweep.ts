import { KIND, KINDS } from './characters.ts';

/** Where a recogniser has to look, and nowhere else. Positions ascend. */
export interface Sweep {
  /** Did it stop nowhere? */
  isEmpty: boolean;
  /** Runs of ASCII digits: where each begins and ends. */
  readonly digitStarts: number[];
  readonly digitEnds: number[];
  /** Words of 17 characters and more: start and end by turns. */
  readonly longWords: number[];
  /** Positions of single characters, by what they may stand for. */
  readonly at: number[];
  readonly colon: number[];
  readonly plus: number[];
  readonly honorific: number[];
  readonly label: number[];
  readonly role: number[];
  readonly title: number[];
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
  if (isPlain(text)) return NOTHING;
  const found: Sweep = {
    isEmpty: true,
    digitStarts: [],
    digitEnds: [],
    longWords: [],
    at: [],
    colon: [],
    plus: [],
    honorific: [],
    label: [],
    role: [],
    title: [],
  };
  const { digitStarts, digitEnds, longWords } = found;
  const { length } = text;
  let stops = 0;
  let word = 0;
  let i = 0;
  while (i < length) {
    const kind = KINDS[text.charCodeAt(i)];
    if (kind === KIND.PLAIN) {
      do i += 1;
      while (i < length && KINDS[text.charCodeAt(i)] === KIND.PLAIN);
    } else if (kind === KIND.DIGIT) {
      digitStarts.push(i);
      do i += 1;
      while (i < length && KINDS[text.charCodeAt(i)] === KIND.DIGIT);
      digitEnds.push(i);
    } else if (kind === KIND.PLUS || kind === KIND.TITLE) {
      (kind === KIND.PLUS ? found.plus : found.title).push(i);
      stops += 1;
      i += 1;
    } else {
      if (i - word >= LONG_WORD) longWords.push(word, i);
      if (kind !== KIND.BREAK) {
        if (kind === KIND.FOREIGN && form === undefined) return undefined;
        const places = stopsFor(kind, found);
        if (places) {
          places.push(i);
          stops += 1;
        }
      }
      i += 1;
      word = i;
    }
  }
  if (length - word >= LONG_WORD) longWords.push(word, length);
  found.isEmpty = stops === 0 && digitStarts.length === 0 && longWords.length === 0;
  return found;
}

/** Is there nothing to stop at? Most keys and many sentences are so, and need no lists of places. */
function isPlain(text: string): boolean {
  const { length } = text;
  let word = 0;
  for (let i = 0; i < length; i++) {
    const kind = KINDS[text.charCodeAt(i)];
    if (kind === KIND.PLAIN) continue;
    if (kind !== KIND.BREAK || i - word >= LONG_WORD) return false;
    word = i + 1;
  }
  return length - word < LONG_WORD;
}

const NOTHING: Sweep = {
  isEmpty: true,
  digitStarts: [],
  digitEnds: [],
  longWords: [],
  at: [],
  colon: [],
  plus: [],
  honorific: [],
  label: [],
  role: [],
  title: [],
};

function stopsFor(kind: number | undefined, found: Sweep): number[] | undefined {
  switch (kind) {
    case KIND.COLON:
      return found.colon;
    case KIND.AT:
      return found.at;
    case KIND.HONORIFIC:
      return found.honorific;
    case KIND.LABEL:
      return found.label;
    case KIND.ROLE:
      return found.role;
    default:
      return undefined;
  }
}
