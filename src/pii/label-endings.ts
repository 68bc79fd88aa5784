/** Characters of a word that are told apart: enough of the last two to sort out most words that are no label. */
const CELLS = 1 << 16;

/**
 * Whether the word in front of a position may be one of these labels, at the cost of two characters: most colons stand
 * behind another word, and a regular expression for each of them would be most of what a scan costs.
 * @param labels how they end; case does not matter
 */
export function labelEndings(labels: readonly string[]): (text: string, position: number) => boolean {
  const cells = new Uint8Array(CELLS);
  for (const label of labels)
    for (const form of [label.toLowerCase(), label.toUpperCase()])
      cells[cellOf(form.charCodeAt(form.length - 2), form.charCodeAt(form.length - 1))] = 1;
  return (text, position) => {
    let end = position;
    while (position - end < 4 && isBetween(text.charCodeAt(end - 1))) end -= 1;
    // A remark in brackets may be long: whoever asks looks for himself.
    if (text.charCodeAt(end - 1) === CLOSING) return true;
    return cells[cellOf(text.charCodeAt(end - 2), text.charCodeAt(end - 1))] === 1;
  };
}

const CLOSING = 41;

/** Blanks, quotes and stars between a label and its colon. */
function isBetween(code: number): boolean {
  return (
    code === 32 || code === 34 || code === 39 || code === 9 || code === 42 || code === 0xa0 || code === 92
  );
}

/** NaN, outside of the text, is 0. */
function cellOf(before: number, last: number): number {
  return ((before * 31) ^ last) & (CELLS - 1);
}
