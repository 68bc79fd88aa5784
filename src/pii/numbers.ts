import { isWord } from './characters.ts';
import type { NumberRecogniser, Scan } from './recogniser.ts';

/** Group by group through the shapes that somebody looks for. */
export interface ShapeTree {
  /** By the length of the next group. */
  readonly next: (ShapeTree | undefined)[];
  readonly recognisers: NumberRecogniser[];
}

export function shapeTree(recognisers: readonly NumberRecogniser[]): ShapeTree {
  const root: ShapeTree = { next: [], recognisers: [] };
  for (const recogniser of recognisers)
    for (const shape of recogniser.shapes) {
      let node = root;
      for (const length of shape.split('-').map(Number))
        node = node.next[length] ??= { next: [], recognisers: [] };
      node.recognisers.push(recogniser);
    }
  return root;
}

/** Shows every row of groups that has a shape of the tree, and stands on its own, to who looks for that shape. */
export function findNumbers(
  starts: readonly number[],
  ends: readonly number[],
  tree: ShapeTree,
  scan: Scan,
): void {
  const { text } = scan;
  for (let first = 0; first < starts.length; first++) {
    const start = starts[first] ?? 0;
    let end = ends[first] ?? 0;
    let node = tree.next[end - start];
    // Most groups of digits in code and logs are parts of words, and end here.
    if (!node || !beginsHere(text, start)) continue;
    const before = first === 0 ? '' : gapOf(text, ends[first - 1] ?? 0, start);
    // The middle of something longer, such as the 2345 of 1-2345-6.
    if (before !== '' && before !== ' ') continue;
    let gaps = '';
    let digits = text.slice(start, end);
    const groups = [end - start];
    for (let last = first; ; last++) {
      const nextStart = starts[last + 1];
      const gap = nextStart === undefined ? '' : gapOf(text, end, nextStart);
      const isWhole = gap === '' || gap === ' ' ? endsHere(text, end, gap) : false;
      if (isWhole && node.recognisers.length > 0) {
        const crowded = gaps.includes(' ') && (before === ' ' || gap === ' ');
        const number = { start, end, digits, groups: [...groups], gaps, crowded };
        for (const recogniser of node.recognisers) recogniser.find(scan, number);
      }
      if (gap === '' || nextStart === undefined) break;
      const nextEnd = ends[last + 1] ?? nextStart;
      const next: ShapeTree | undefined = node.next[nextEnd - nextStart];
      if (!next) break;
      node = next;
      gaps += gap;
      groups.push(nextEnd - nextStart);
      digits += text.slice(nextStart, nextEnd);
      end = nextEnd;
    }
  }
}

/** What joins two groups, as one character; empty when they are two numbers. */
function gapOf(text: string, from: number, to: number): string {
  const length = to - from;
  if (length === 1) {
    const char = text[from] ?? '';
    return char === '-' || char === ' ' || char === '.' || char === ')' ? char : '';
  }
  if (length > 3) return '';
  const gap = text.slice(from, to);
  if (gap === ' - ' || gap === '- ' || gap === ' -') return '-';
  if (gap === ') ' || gap === ')-' || gap === ' (') return ')';
  return gap === '  ' ? ' ' : '';
}

/** A word in front of a hyphen that has letters of its own, as in `tel-010`, and not those of a hash. */
const PLAIN_WORD = /(?:^|[^A-Za-z0-9_])[A-Za-z]*[G-Zg-z][A-Za-z]*[-]$/;

function beginsHere(text: string, start: number): boolean {
  if (isWord(text, start - 1)) return false;
  const before = text[start - 1];
  if (before === '+' || before === '$') return false;
  if (before !== '-' || !isWord(text, start - 2)) return true;
  return PLAIN_WORD.test(text.slice(Math.max(0, start - 16), start));
}

/** @param gap what joins the next group, when there is one */
function endsHere(text: string, end: number, gap: string): boolean {
  if (gap === ' ') return true;
  if (isWord(text, end)) return false;
  const after = text[end];
  return after !== '%' && (after !== '-' || !isWord(text, end + 1));
}
