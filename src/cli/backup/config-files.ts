import { copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ConfigError } from '../../config/diagnose.ts';
import { findConfig } from '../../config/find.ts';
import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { secretSource } from '../secrets.ts';
import type { Terminal } from '../terminal.ts';
import { errorCode } from '../failure.ts';

/** The configuration of a backup. */
export interface ConfigFiles {
  /** Its folder. */
  readonly folder: string;
  /** Relative to it: the configuration first, then what it reads from there. */
  readonly files: readonly string[];
  /** Files that it names elsewhere, which are no part of the backup. */
  readonly elsewhere: readonly string[];
  /** It has mistakes, so that nobody knows what it names. */
  readonly isBroken: boolean;
}

/**
 * The configuration, and the files beside it that it names.
 * @param given as the command line names it; undefined: the one of the working directory
 * @param home what is in there is in the backup as well
 */
export async function configFiles(
  given: string | undefined,
  home: string,
  { cwd, env }: Pick<Terminal, 'cwd' | 'env'>,
): Promise<ConfigFiles | undefined> {
  const found = given ?? (await findConfig(cwd));
  if (found === undefined) return undefined;
  const path = resolve(cwd, found);
  const folder = dirname(path);
  try {
    const { config, sources } = await loadConfig(found, { cwd, env, secretSource: secretSource(env) });
    const named = [...sources, ...filesNamedIn(config)].filter(
      (file) => file !== path && !isWithin(home, file),
    );
    const beside = named.filter((file) => isWithin(folder, file)).map((file) => relative(folder, file));
    return {
      folder,
      files: [basename(path), ...new Set(beside)],
      elsewhere: [...new Set(named.filter((file) => !isWithin(folder, file)))],
      isBroken: false,
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { folder, files: [basename(path)], elsewhere: [], isBroken: true };
  }
}

/** Besides what its values come from: what the gateway itself reads and writes. */
function filesNamedIn({ guard, pins, audit, listen }: Config): string[] {
  const certificates = listen.tls?.certificates.flatMap(({ cert, key }) => [cert, key]) ?? [];
  const all = [
    guard?.keyFile,
    guard?.patterns,
    pins.file,
    audit?.file,
    listen.tls?.acme?.ca,
    ...certificates,
  ];
  return all.filter((file) => file !== undefined);
}

function isWithin(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

/** @param target a new folder. What the configuration names and is not there (yet) is left out. */
export async function copyConfig({ folder, files }: ConfigFiles, target: string): Promise<void> {
  for (const file of files) {
    const to = join(target, file);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await copyFile(join(folder, file), to).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
  }
}
