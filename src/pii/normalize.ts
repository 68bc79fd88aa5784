import { KIND, KINDS } from './characters.ts';

/** A text as the recognisers read it, and the way back to where each of its units stood. */
export interface Normalized {
  readonly text: string;
  /** Where the unit at `index` began in the original. */
  startOf(index: number): number;
  /** Where the unit before `index` ended in the original. */
  endOf(index: number): number;
}

/** Nothing to see, and so a favourite place to cut a number in two: zero-width, bidi, soft hyphen, fillers, tags. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
/** Combines with what stands before it: accents, and the vowels and finals of Hangul in single letters. */
const COMBINING = /^[\p{M}\u1160-\u11ff]$/u;
/** NFKC keeps the many dashes and dots apart; between digits they all mean the same. */
const DASH = /[\u2010-\u2015\u2043\u2212\u30fc]/g;
const DOT = /[\u00b7\u2024\u2027\u30fb]/g;

/** A piece that reads otherwise than it is written: from where on, in the text as read and as written. */
interface Change {
  readonly read: number;
  readonly readEnd: number;
  readonly written: number;
  readonly writtenEnd: number;
}

/**
 * NFKC, without what cannot be seen, with one kind of dash: `０１０−１２３４` reads `010-1234`.
 * Every find can be cut out of the original text: what lies between the changes only moves.
 */
export function normalize(original: string): Normalized {
  const changes: Change[] = [];
  let text = '';
  let copied = 0;
  for (let i = 0; i < original.length; i++) {
    if (KINDS[original.charCodeAt(i)] !== KIND.FOREIGN) continue;
    // An accent changes the letter before it.
    const from = i > copied && COMBINING.test(original.charAt(i)) ? i - 1 : i;
    const to = endOfCluster(original, i);
    text += original.slice(copied, from);
    const plain = plainOf(original.slice(from, to));
    changes.push({ read: text.length, readEnd: text.length + plain.length, written: from, writtenEnd: to });
    text += plain;
    copied = to;
    i = to - 1;
  }
  text += original.slice(copied);
  return {
    text,
    startOf(index) {
      const change = lastChange(changes, index, 'read');
      if (!change) return index;
      return index < change.readEnd ? change.written : change.writtenEnd + index - change.readEnd;
    },
    endOf(index) {
      // What follows a find unseen is not part of it.
      const change = lastChange(changes, index - 1, 'read');
      if (!change) return index;
      return index <= change.readEnd ? change.writtenEnd : change.writtenEnd + index - change.readEnd;
    },
  };
}

function endOfCluster(text: string, start: number): number {
  let end = start + ((text.codePointAt(start) ?? 0) > 0xff_ff ? 2 : 1);
  while (end < text.length && COMBINING.test(text.charAt(end))) end += 1;
  return end;
}

function plainOf(cluster: string): string {
  return cluster.replace(INVISIBLE, '').normalize('NFKC').replace(DASH, '-').replace(DOT, '.');
}

/** The last change that begins at or before a position; of several at one position the last. */
function lastChange(changes: readonly Change[], position: number, side: 'read'): Change | undefined {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle]?.[side] ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  return changes[low - 1];
}
