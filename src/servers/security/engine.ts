import type { GuardConfig } from '../../config/guard.ts';
import { createEngine, type Engine } from '../../pii/engine.ts';

/**
 * The engine of the guard, with the patterns of its configuration.
 * @param types those to look for; undefined: all
 */
export async function engineOf(
  guard: GuardConfig | undefined,
  threshold: number,
  types: readonly string[] | undefined,
): Promise<Engine> {
  const patterns = guard?.patterns;
  const extras =
    patterns === undefined ? [] : [await (await import('../../pii/patterns.ts')).readPatterns(patterns)];
  return createEngine({ extras, threshold, ...(types && { types: new Set(types) }) });
}
