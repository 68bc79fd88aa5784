import { KIND, KINDS } from './characters.ts';
import { Places } from './places.ts';
import { Units } from './units.ts';

/** What is imported is looked up anew for each unit; what is declared here, the compiler knows. */
const kinds = KINDS;
const { PLAIN, BREAK, DIGIT, PLUS, TITLE, FOREIGN } = KIND;

/** A MAC address; keys and tokens are longer. */
const LONG_WORD = 17;

/**
 * One pass over a text, which stops only where something can begin: this is what text without personal data costs. What it
 * holds is about the last text that it was led over.
 */
export class Sweep {
  /** Did it stop nowhere? */
  isEmpty = true;
  /** Is there any of the single characters below? */
  hasStops = false;
  /** Runs of ASCII digits: start and end by turns. */
  readonly digits = new Places();
  /** Words of 17 characters and more: start and end by turns. */
  readonly longWords = new Places();
  /** Positions of single characters, by what they may stand for. */
  readonly at = new Places();
  readonly colon = new Places();
  readonly plus = new Places();
  readonly honorific = new Places();
  readonly label = new Places();
  readonly role = new Places();
  readonly title = new Places();
  readonly #stops: (Places | undefined)[] = [];

  constructor() {
    this.#stops[KIND.AT] = this.at;
    this.#stops[KIND.COLON] = this.colon;
    this.#stops[KIND.PLUS] = this.plus;
    this.#stops[KIND.HONORIFIC] = this.honorific;
    this.#stops[KIND.LABEL] = this.label;
    this.#stops[KIND.ROLE] = this.role;
    this.#stops[KIND.TITLE] = this.title;
  }

  /**
   * @param form of a text that has been brought to NFKC
   * @returns false when the text has another form in NFKC, and has to be read in that one
   */
  over(text: string, form?: 'normalized'): boolean {
    this.#clear();
    const { length } = text;
    const units = Units.of(text);
    const { single } = units;
    if (isPlain(single, length)) return true;
    let word = 0;
    let i = 0;
    while (i < length) {
      const kind = kindAt(single, i);
      if (kind === PLAIN) {
        i = endOfPlain(units, i + 1, length);
      } else if (kind === DIGIT) {
        const start = i;
        do i += 1;
        while (i < length && kindAt(single, i) === DIGIT);
        this.#run(this.digits, start, i);
      } else {
        const isInWord = kind === PLUS || kind === TITLE;
        if (!isInWord && i - word >= LONG_WORD) this.#run(this.longWords, word, i);
        if (kind === FOREIGN) {
          if (form === undefined) return false;
        } else if (kind !== BREAK) this.#stop(kind, i);
        i += 1;
        if (!isInWord) word = i;
      }
    }
    if (length - word >= LONG_WORD) this.#run(this.longWords, word, length);
    return true;
  }

  #clear(): void {
    if (this.isEmpty) return;
    this.isEmpty = true;
    this.digits.clear();
    this.longWords.clear();
    if (this.hasStops) for (const places of this.#stops) places?.clear();
    this.hasStops = false;
  }

  #run(runs: Places, start: number, end: number): void {
    this.isEmpty = false;
    runs.push(start);
    runs.push(end);
  }

  #stop(kind: number, place: number): void {
    this.isEmpty = false;
    this.hasStops = true;
    this.#stops[kind]?.push(place);
  }
}

/** Where a run of plain units ends. Four at a time: such runs are long in keys, and in rows of dashes and dots. */
function endOfPlain(units: Units, start: number, length: number): number {
  const { single } = units;
  let i = start;
  while (
    i + 4 <= length &&
    (kindAt(single, i) | kindAt(single, i + 1) | kindAt(single, i + 2) | kindAt(single, i + 3)) === PLAIN
  ) {
    i += 4;
    if (single[i - 1] === single[i - 2]) i = units.endOfRow(i, length);
  }
  while (i < length && kindAt(single, i) === PLAIN) i += 1;
  return i;
}

function kindAt(single: Uint16Array, index: number): number {
  return kinds[single[index] ?? 0] ?? BREAK;
}

/** Is there nothing to stop at? Many sentences are so. */
function isPlain(single: Uint16Array, length: number): boolean {
  let word = 0;
  for (let i = 0; i < length; i++) {
    const kind = kindAt(single, i);
    if (kind === PLAIN) continue;
    if (kind !== BREAK || i - word >= LONG_WORD) return false;
    word = i + 1;
  }
  return length - word < LONG_WORD;
}

/** No word in it is a long one. */
const SHORT = LONG_WORD - 1;

/** Is this a short text with nothing to stop at, as most keys are? It is looked at as it is. */
export function isPlainName(text: string): boolean {
  const { length } = text;
  if (length > SHORT) return false;
  for (let i = 0; i < length; i++) {
    const kind = kinds[text.charCodeAt(i)];
    if (kind !== PLAIN && kind !== BREAK) return false;
  }
  return true;
}
