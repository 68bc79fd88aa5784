import type { GuardPolicy } from '../config/guard.ts';
import { matchesAny } from './pattern.ts';

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
  return patterns === undefined || matchesAny(patterns, text);
}
