import { isWord } from './characters.ts';
import { DEFAULT_THRESHOLD, type Entity } from './entity.ts';
import { keyWords } from './key-words.ts';
import { normalize } from './normalize.ts';
import { findNumbers, type ShapeTree, shapeTree } from './numbers.ts';
import { withoutOverlaps } from './overlaps.ts';
import type {
  Anchor,
  AnchorRecogniser,
  DigitRecogniser,
  NumberRecogniser,
  Recogniser,
  Scan,
  ValueRecogniser,
  WordRecogniser,
} from './recogniser.ts';
import { RECOGNISERS } from './recognisers/recognisers.ts';
import { isPlainName, Sweep } from './sweep.ts';

/** Finds personal data in texts. The same text gives the same finds. */
export interface Engine {
  /** @param key the JSON key that the text is the value of, or another name for what it is */
  scan(text: string, key?: string): readonly Entity[];
  /** The same in a key. Messages have the same ones again and again, so what is in a key is found out once. */
  scanKey(key: string): readonly Entity[];
}

/** Finds more in a text than the built-in recognisers do; see patterns.ts. */
export type Extra = (scan: Pick<Scan, 'text' | 'key'>) => Iterable<Entity>;

export interface EngineOptions {
  /** Finds below it are left out. Default: 0.5. */
  readonly threshold?: number;
  /** The types to look for. Default: all. */
  readonly types?: ReadonlySet<string>;
  readonly extras?: readonly Extra[];
  /** Default: the built-in ones. */
  readonly recognisers?: readonly Recogniser[];
}

/** Of everybody: nobody may put anything into it. */
const NOTHING: readonly Entity[] = Object.freeze([]);

export function createEngine(options: EngineOptions = {}): Engine {
  const { threshold = DEFAULT_THRESHOLD, types, extras = [], recognisers = RECOGNISERS } = options;
  const plan = planOf(recognisers);
  const isWanted: IsWanted = (type, score) => score >= threshold && (!types || types.has(type));
  const keys = new Keys(plan.values);
  const places = new Sweep();
  const isPlain = (text: string, { values }: About): boolean =>
    values.length === 0 && extras.length === 0 && isPlainName(text);
  const scanned = (original: string, { words, values }: About): readonly Entity[] => {
    const isAsWritten = places.over(original);
    const read = isAsWritten ? undefined : normalize(original);
    const text = read?.text ?? original;
    if (read) places.over(text, 'normalized');
    if (places.isEmpty && values.length === 0 && extras.length === 0) return NOTHING;
    const scan = new TextScan(text, words, isWanted);
    run(plan, scan, places);
    for (const recogniser of values) recogniser.find(scan);
    for (const extra of extras)
      for (const { type, start, end, score } of extra(scan)) scan.report(type, start, end, score);
    const { found } = scan;
    if (found.length === 0) return NOTHING;
    const clear = withoutOverlaps(found);
    if (!read) return clear;
    return clear.map((entity) => ({
      ...entity,
      start: read.startOf(entity.start),
      end: read.endOf(entity.end),
    }));
  };
  const scan = (text: string, about: About): readonly Entity[] =>
    // Most texts of a message are names of things.
    isPlain(text, about) ? NOTHING : scanned(text, about);
  return {
    scan: (text, key = '') => scan(text, keys.about(key)),
    scanKey(key) {
      const about = keys.known(key);
      return about ? (about.found ??= scan(key, NO_KEY)) : scan(key, NO_KEY);
    },
  };
}

type IsWanted = (type: string, score: number) => boolean;

/** One text while it is scanned, and what was found in it. */
class TextScan implements Scan {
  readonly text: string;
  readonly key: string;
  readonly #isWanted: IsWanted;
  #found: Entity[] | undefined;

  constructor(text: string, key: string, isWanted: IsWanted) {
    this.text = text;
    this.key = key;
    this.#isWanted = isWanted;
  }

  get found(): readonly Entity[] {
    return this.#found ?? NOTHING;
  }

  report(type: string, start: number, end: number, score: number): void {
    if (this.#isWanted(type, score))
      (this.#found ??= []).push({ type, start, end, score: Math.min(1, score) });
  }
}

/** What is known of a key: its words, and who wants to see its values. */
interface About {
  readonly words: string;
  readonly values: readonly ValueRecogniser[];
  /** What is in the key itself, once somebody has looked. */
  found: readonly Entity[] | undefined;
}

const NO_KEY: About = { words: '', values: [], found: NOTHING };
/** Messages have the same keys again and again. Longer ones may be anything. */
const KEYS = 1000;
const LONGEST_KEY = 60;

/** The keys whose values were scanned. */
class Keys {
  readonly #recognisers: readonly ValueRecogniser[];
  readonly #known = new Map<string, About>();

  constructor(recognisers: readonly ValueRecogniser[]) {
    this.#recognisers = recognisers;
  }

  known(key: string): About | undefined {
    return this.#known.get(key);
  }

  about(key: string): About {
    if (key === '') return NO_KEY;
    const before = this.#known.get(key);
    if (before) return before;
    const words = keyWords(key);
    const values = this.#recognisers.filter((recogniser) => recogniser.isAbout(words));
    const about: About = { words, values, found: undefined };
    if (this.#known.size < KEYS && key.length <= LONGEST_KEY) this.#known.set(key, about);
    return about;
  }
}

interface Plan {
  /** By what they are anchored to: most texts have one or two of these characters. */
  readonly anchored: readonly (readonly [Anchor, readonly AnchorRecogniser[]])[];
  readonly words: readonly WordRecogniser[];
  readonly digits: readonly DigitRecogniser[];
  readonly values: readonly ValueRecogniser[];
  readonly shapes: ShapeTree;
}

function planOf(recognisers: readonly Recogniser[]): Plan {
  const anchored = new Map<Anchor, AnchorRecogniser[]>();
  const words: WordRecogniser[] = [];
  const digits: DigitRecogniser[] = [];
  const values: ValueRecogniser[] = [];
  const numbers: NumberRecogniser[] = [];
  for (const recogniser of recognisers) {
    if (recogniser.anchor === 'number') numbers.push(recogniser);
    else if (recogniser.anchor === 'word') words.push(recogniser);
    else if (recogniser.anchor === 'digits') digits.push(recogniser);
    else if (recogniser.anchor === 'value') values.push(recogniser);
    else anchored.set(recogniser.anchor, [...(anchored.get(recogniser.anchor) ?? []), recogniser]);
  }
  return { anchored: [...anchored], words, digits, values, shapes: shapeTree(numbers) };
}

function run(plan: Plan, scan: TextScan, places: Sweep): void {
  const { digits, longWords } = places;
  for (let i = 0; i < digits.length; i += 2) {
    const start = digits.at(i);
    const end = digits.at(i + 1);
    if (isWord(scan.text, start - 1) || isWord(scan.text, end))
      for (const recogniser of plan.digits) recogniser.find(scan, start, end);
  }
  if (digits.length > 0) {
    // The groups of an IBAN look like cards, accounts and telephone numbers.
    const settled = scan.found.length === 0 ? NOTHING : scan.found.filter(isSettled);
    findNumbers(digits, plan.shapes, settled, scan);
  }
  if (places.hasStops)
    for (const [anchor, recognisers] of plan.anchored) {
      const positions = places[anchor];
      for (const recogniser of recognisers)
        for (let i = 0; i < positions.length; i++) recogniser.find(scan, positions.at(i));
    }
  for (let i = 0; i < longWords.length; i += 2)
    for (const recogniser of plan.words) recogniser.find(scan, longWords.at(i), longWords.at(i + 1));
}

/** No number is surer; of equally sure ones it is longer than what can begin in it. */
function isSettled({ score }: Entity): boolean {
  return score >= 0.95;
}
