import { KIND, KINDS } from './characters.ts';

/** Where a recogniser has to look, and nowhere else. Positions ascend. */
export interface Sweep {
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
  const found: Sweep = {
    digitStarts: [],
    digitEnds: [],
    longWords: [],
    at: [],
    colon: [],
    plus: [],
    honorific: [],
    label: [],
    title: [],
  };
  const { length } = text;
  let word = 0;
  const endWord = (end: number): void => {
    if (end - word >= LONG_WORD) found.longWords.push(word, end);
    word = end + 1;
  };
  for (let i = 0; i < length; i++) {
    const kind = KINDS[text.charCodeAt(i)];
    if (kind === KIND.PLAIN) continue;
    if (kind === KIND.BREAK) {
      endWord(i);
      continue;
    }
    switch (kind) {
      case KIND.DIGIT: {
        found.digitStarts.push(i);
        while (KINDS[text.charCodeAt(i + 1)] === KIND.DIGIT) i += 1;
        found.digitEnds.push(i + 1);
        break;
      }
      case KIND.PLUS:
        found.plus.push(i);
        break;
      case KIND.TITLE:
        found.title.push(i);
        break;
      case KIND.FOREIGN:
        if (form === undefined) return undefined;
        endWord(i);
        break;
      default:
        endWord(i);
        if (kind === KIND.AT) found.at.push(i);
        else if (kind === KIND.COLON) found.colon.push(i);
        else if (kind === KIND.HONORIFIC) found.honorific.push(i);
        else found.label.push(i);
    }
  }
  endWord(length);
  return found;
}
