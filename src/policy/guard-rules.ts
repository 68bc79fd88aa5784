import type { GuardPolicy } from '../config/guard.ts';

export type Direction = 'arguments' | 'results';

/** The policies that are about one tool, in one direction. */
export interface Rules {
  /** What to do with a kind of data; undefined: count it. */
  decide(entity: string): GuardPolicy | undefined;
}

/**
 * The rules for a tool or prompt of a server; undefined when there is nothing to find out.
 * @param target undefined for what has no name, such as a resource: only policies about all tools fit
 */
export function rulesFor(
  policies: readonly GuardPolicy[],
  server: string,
  target: string | undefined,
  direction: Direction,
): Rules | undefined {
  const about = policies.filter(
    (policy) =>
      (policy.direction === 'both' || policy.direction === direction) &&
      fits(policy.servers, server) &&
      (policy.tools === undefined || (target !== undefined && fits(policy.tools, target))),
  );
  const [first] = about;
  if (first?.action === 'allow' && first.entities === undefined) return undefined;
  return { decide: (entity) => about.find(({ entities }) => fits(entities, entity)) };
}

/** No patterns: everything. */
function fits(patterns: readonly string[] | undefined, text: string): boolean {
  return patterns === undefined || patterns.some((pattern) => matches(pattern, text));
}

/** `*` stands for any characters. The pieces between the stars are looked for from left to right, so it cannot hang. */
export function matches(pattern: string, text: string): boolean {
  const [first = '', ...pieces] = pattern.split('*');
  const last = pieces.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last))
    return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
