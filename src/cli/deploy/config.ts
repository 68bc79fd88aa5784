import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadApart } from '../../config/apart.ts';
import type { Config } from '../../config/schema.ts';
import { referencesOf } from '../../deploy/references.ts';
import type { References } from '../../deploy/target.ts';

/** Stands for a value that only the machine has which the files are for. */
const ELSEWHERE = 'set-where-it-runs';

/**
 * Reads a configuration for another machine: whose variables, secrets and credentials are not here, and not needed
 * either, since no value of them stands in a file that is written.
 */
export async function readForElsewhere(
  file: string,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<{ readonly config: Config; readonly references: References }> {
  const path = resolve(cwd, file);
  // A file that cannot be read is the loader's to tell of.
  const references = referencesOf(await readFile(path, 'utf8').catch(() => ''));
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-deploy-'));
  try {
    await Promise.all(
      references.credentials.map((name) => writeFile(join(folder, name), ELSEWHERE, { mode: 0o600 })),
    );
    const unset = references.variables.filter(({ name, required }) => required && env[name] === undefined);
    const standIns = Object.fromEntries(unset.map(({ name }) => [name, ELSEWHERE]));
    const { config } = await loadApart(file, {
      env: { CREDENTIALS_DIRECTORY: folder, ...env, ...standIns },
      cwd,
      secretSource: { file: join(folder, 'secrets'), read: () => Promise.resolve(ELSEWHERE) },
    });
    return { config, references };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
