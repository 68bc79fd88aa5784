import type { EntityType } from './entity.ts';
import type { Sweep } from './sweep.ts';

/** One text while it is scanned. */
export interface Scan {
  /** In NFKC, without what cannot be seen. */
  readonly text: string;
  /** The words of the JSON key that the text is the value of, in lower case; empty without one. */
  readonly key: string;
  /** @param score what is known of it without its surroundings counts as well; 0 reports nothing */
  report(type: EntityType, start: number, end: number, score: number): void;
}

/** The single characters that the sweep stops at. */
export type Anchor = Exclude<keyof Sweep, 'digits' | 'longWords' | 'isEmpty' | 'hasStops' | 'over'>;

/** Looks around a character that cannot be missing from what it recognises. */
export interface AnchorRecogniser {
  readonly anchor: Anchor;
  find(scan: Scan, position: number): void;
}

/** Judges words of 17 and more characters that tokens are made of. */
export interface WordRecogniser {
  readonly anchor: 'word';
  find(scan: Scan, start: number, end: number): void;
}

/** Groups of digits that may be one number. Whoever looks at it must not keep it: the next one is written over it. */
export interface NumberCandidate {
  readonly start: number;
  readonly end: number;
  readonly digits: string;
  /** The lengths of the groups. */
  readonly groups: readonly number[];
  /** The same in writing: `3-4-4`. */
  readonly shape: string;
  /** What stands between the groups, each one of `-`, `.`, ` `, `\n`, `(`, `)`, `/`, `_`. */
  readonly gaps: string;
  /** Written with blanks, between further numbers with blanks or over two lines: where it begins and ends is a guess. */
  readonly crowded: boolean;
}

/** Judges numbers by the lengths of their groups of digits, such as `3-4-4`. */
export interface NumberRecogniser {
  readonly anchor: 'number';
  readonly shapes: readonly string[];
  find(scan: Scan, number: NumberCandidate): void;
}

/** Looks at the runs of digits that touch a letter: for what mixes them. */
export interface DigitRecogniser {
  readonly anchor: 'digits';
  find(scan: Scan, start: number, end: number): void;
}

/** Looks at the whole value: for what only its JSON key tells. */
export interface ValueRecogniser {
  readonly anchor: 'value';
  /** Is the value of such a key worth a look? @param key as its words */
  isAbout(key: string): boolean;
  find(scan: Scan): void;
}

export type Recogniser =
  | AnchorRecogniser
  | WordRecogniser
  | NumberRecogniser
  | DigitRecogniser
  | ValueRecogniser;
