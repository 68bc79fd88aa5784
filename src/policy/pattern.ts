/** Does the text fit one of these patterns? */
export function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => matches(pattern, text));
}

/**
 * Does the text fit the pattern, in which `*` stands for any text, also none? Walked, not compiled: no pattern takes
 * longer than the product of the two lengths.
 */
export function matches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  // Where the last star was, and how far into the text it reaches.
  let star = -1;
  let reached = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p;
      reached = t;
      p += 1;
    } else if (p < pattern.length && pattern[p] === text[t]) {
      p += 1;
      t += 1;
    } else if (star !== -1) {
      p = star + 1;
      reached += 1;
      t = reached;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
