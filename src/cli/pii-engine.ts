import { resolve } from 'node:path';
import { ConfigError } from '../config/diagnose.ts';
import { createEngine, type Engine } from '../pii/engine.ts';
import { DEFAULT_THRESHOLD, ENTITY_TYPES } from '../pii/entity.ts';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failure.ts';
import type { Terminal } from './terminal.ts';

/** What every command that searches has. */
export interface EngineFlags {
  readonly threshold?: string;
  readonly types?: string;
  readonly patterns?: string;
}

/** The engine that the flags ask for. @throws Failure where they do not make sense */
export async function engineOf(flags: EngineFlags, { cwd }: Terminal): Promise<Engine> {
  const threshold = flags.threshold === undefined ? DEFAULT_THRESHOLD : Number(flags.threshold);
  if (!(threshold >= 0 && threshold <= 1))
    throw new Failure(EXIT.USAGE, '--threshold is a number from 0 to 1');
  const extras = flags.patterns === undefined ? [] : [await patterns(resolve(cwd, flags.patterns))];
  const types = flags.types?.split(',').map((type) => type.trim().toUpperCase());
  const unknown = types?.find((type) => !ENTITY_TYPES.some((known) => known === type));
  if (unknown !== undefined)
    throw new Failure(EXIT.USAGE, `there is no type ${JSON.stringify(unknown)}`, [
      `there are ${ENTITY_TYPES.join(', ')}`,
    ]);
  return createEngine({ threshold, extras, ...(types && { types: new Set<string>(types) }) });
}

async function patterns(path: string) {
  const { readPatterns } = await import('../pii/patterns.ts');
  try {
    return await readPatterns(path);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Failure(EXIT.FAILED, error.message.trimEnd(), [], { cause: error });
  }
}
