import { isHex, isWord } from './characters.ts';
import type { Entity } from './entity.ts';
import type { Places } from './places.ts';
import type { NumberRecogniser, Scan } from './recogniser.ts';

/** Group by group through the shapes that somebody looks for. */
export interface ShapeTree {
  /** The lengths of the groups up to here. */
  readonly groups: readonly number[];
  /** The same as it is written: `3-4-4`. */
  readonly shape: string;
  /** By the length of the next group. */
  readonly next: (ShapeTree | undefined)[];
  readonly recognisers: NumberRecogniser[];
}

export function shapeTree(recognisers: readonly NumberRecogniser[]): ShapeTree {
  const root = nodeOf([]);
  for (const recogniser of recognisers)
    for (const shape of recogniser.shapes) {
      let node = root;
      for (const length of shape.split('-').map(Number))
        node = node.next[length] ??= nodeOf([...node.groups, length]);
      node.recognisers.push(recogniser);
    }
  return root;
}

function nodeOf(groups: readonly number[]): ShapeTree {
  return { groups, shape: groups.join('-'), next: [], recognisers: [] };
}

/**
 * Shows every row of groups that has a shape of the tree, and stands on its own, to who looks for that shape.
 * @param digits where each group begins and ends
 * @param settled what no number is surer than, in the order of the text: no number begins in it
 */
export function findNumbers(digits: Places, tree: ShapeTree, settled: readonly Entity[], scan: Scan): void {
  const { text } = scan;
  let passed = 0;
  const candidate = {
    start: 0,
    end: 0,
    digits: '',
    groups: tree.groups,
    shape: '',
    gaps: '',
    crowded: false,
  };
  for (let first = 0; first < digits.length; first += 2) {
    const start = digits.at(first);
    let end = digits.at(first + 1);
    let node = tree.next[end - start];
    // Most groups of digits in code and logs are parts of words, and end here.
    if (!node || !beginsHere(text, start)) continue;
    while ((settled[passed]?.end ?? Infinity) <= start) passed += 1;
    if ((settled[passed]?.start ?? Infinity) <= start) continue;
    const before = first === 0 ? '' : gapOf(text, digits.at(first - 1), start);
    // The middle of something longer, such as the 2345 of 1-2345-6.
    if (!isApart(before)) continue;
    let number = '';
    // The first group that is not in it yet: most rows of groups are nobody's number.
    let unread = first;
    let gaps = '';
    let hasBlanks = false;
    let hasLineEnd = false;
    for (let last = first; ; last += 2) {
      const nextStart = last + 2 < digits.length ? digits.at(last + 2) : undefined;
      const gap = nextStart === undefined ? '' : gapOf(text, end, nextStart);
      if (node.recognisers.length > 0 && isApart(gap) && endsHere(text, end, gap)) {
        for (; unread <= last; unread += 2) number += text.slice(digits.at(unread), digits.at(unread + 1));
        candidate.start = start;
        candidate.end = end;
        candidate.digits = number;
        candidate.groups = node.groups;
        candidate.shape = node.shape;
        candidate.gaps = gaps;
        candidate.crowded = hasBlanks && (before === ' ' || gap === ' ' || hasLineEnd);
        for (const recogniser of node.recognisers) recogniser.find(scan, candidate);
      }
      if (gap === '' || nextStart === undefined) break;
      // One number may run over the end of a line; a column of them is a column.
      if (gap === '\n' && hasLineEnd) break;
      const nextEnd = digits.at(last + 3);
      const next: ShapeTree | undefined = node.next[nextEnd - nextStart];
      if (!next) break;
      node = next;
      gaps += gap;
      // Blanks part the groups of a number, and numbers from each other.
      hasBlanks ||= isBlank(gap);
      hasLineEnd ||= gap === '\n';
      end = nextEnd;
    }
  }
}

/** May a number end before this gap, and another one begin behind it? */
function isApart(gap: string): boolean {
  return gap === '' || isBlank(gap) || gap === ')' || gap === '(';
}

function isBlank(gap: string): boolean {
  return gap === ' ' || gap === '\n';
}

/** The longest gap: a hyphen with blanks around it. */
const WIDEST = 6;

const LINE_END = /^[ \t]*\r?\n[ \t]*$/;

/** What joins two groups, as one character; empty when they are two numbers. */
function gapOf(text: string, from: number, to: number): string {
  const length = to - from;
  if (length === 1) return jointOf(text.charAt(from));
  if (length > WIDEST) return '';
  let marks = '';
  let hasLineEnd = false;
  for (let at = from; at < to; at++) {
    const char = text.charAt(at);
    if (char === '\n') hasLineEnd = true;
    else if (char.trim() !== '') marks += char;
  }
  switch (marks) {
    case '':
      if (hasLineEnd) return LINE_END.test(text.slice(from, to)) ? '\n' : '';
      return length <= 3 ? ' ' : '';
    case '-':
    case '/':
      return marks;
    case '.':
      // With a blank behind it alone it ends a sentence.
      return length === 3 && text.startsWith(' . ', from) ? '.' : '';
    case ')':
    case ')-':
      return ')';
    case '(':
      return '(';
    default:
      return '';
  }
}

/** The character itself when it joins two groups on its own, or else nothing. */
function jointOf(char: string): string {
  switch (char) {
    case '-':
    case ' ':
    case '.':
    case ')':
    case '/':
    case '_':
    case '\n':
      return char;
    default:
      return '';
  }
}

/** Does a word of letters end here, with more of them than those of a hash, as in `tel-010`? */
function isPlainWord(text: string, end: number): boolean {
  let isHexadecimal = true;
  let at = end - 1;
  for (; isLetter(text.charCodeAt(at)); at -= 1) isHexadecimal &&= isHex(text, at);
  return !isHexadecimal && !isWord(text, at);
}

function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}

function isExtension(text: string, end: number): boolean {
  return text.charAt(end) === 'x' && /^x\d{1,6}(?!\w)/.test(text.slice(end, end + 8));
}

function beginsHere(text: string, start: number): boolean {
  if (isWord(text, start - 1)) return false;
  const before = text.charAt(start - 1);
  if (before === '+' || before === '$') return false;
  if (before !== '-' || !isWord(text, start - 2)) return true;
  return isPlainWord(text, start - 1);
}

/** @param gap what joins the next group, when there is one */
function endsHere(text: string, end: number, gap: string): boolean {
  if (isBlank(gap)) return true;
  // The x of an extension: 555-0123x45.
  if (isWord(text, end) && !isExtension(text, end)) return false;
  const after = text.charAt(end);
  return after !== '%' && (after !== '-' || !isWord(text, end + 1));
}
