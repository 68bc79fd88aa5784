/** Lines that stand around a change. */
const AROUND = 3;

interface Edit {
  readonly mark: ' ' | '-' | '+';
  readonly line: string;
}

/**
 * What makes one text out of another, line by line, as `diff -u` writes it. For files of some hundred lines: the work
 * grows with the product of their lengths.
 * @returns '' where they are the same
 */
export function lineDiff(path: string, before: string, after: string): string {
  if (before === after) return '';
  const edits = editsOf(linesOf(before), linesOf(after));
  const near = edits.map((_edit, index) =>
    edits.slice(Math.max(0, index - AROUND), index + AROUND + 1).some(({ mark }) => mark !== ' '),
  );
  const shown = edits.flatMap(({ mark, line }, index) => {
    if (!near[index]) return [];
    return near[index - 1] === false || (index === 0 && near[0])
      ? ['@@', `${mark}${line}`]
      : [`${mark}${line}`];
  });
  return `${[`--- ${path}`, `+++ ${path}`, ...shown].join('\n')}\n`;
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** The longest common subsequence, by the table of what follows. */
function editsOf(before: readonly string[], after: readonly string[]): Edit[] {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      common[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const edits: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const [old, young] = [before[i], after[j]];
    if (old !== undefined && old === young) {
      edits.push({ mark: ' ', line: old });
      i += 1;
      j += 1;
    } else if (old !== undefined && (young === undefined || at(i + 1, j) >= at(i, j + 1))) {
      edits.push({ mark: '-', line: old });
      i += 1;
    } else {
      edits.push({ mark: '+', line: young ?? '' });
      j += 1;
    }
  }
  return edits;
}
