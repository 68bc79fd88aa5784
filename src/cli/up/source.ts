import { isAbsolute, relative, resolve } from 'node:path';
import { shellLine } from '../../clients/shell.ts';
import { commandApart, loadApart, quickstartApart } from '../../config/apart.ts';
import { findConfig } from '../../config/find.ts';
import type { Diagnostic } from '../../config/diagnose.ts';
import type { Config } from '../../config/schema.ts';
import type { SecretSource } from '../../config/secret-source.ts';
import { inheritedSecrets, Secrets } from '../../config/secrets.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

/** What `up` is told to serve. */
export interface SourceOptions {
  readonly config?: string;
  /** The words after `--`. */
  readonly command: readonly string[];
}

/** What is served, and what there is to say about it. */
export interface Source {
  readonly config: Config;
  readonly notes: readonly Diagnostic[];
  /** Takes the secrets of the config out of a text. */
  readonly secrets?: Secrets;
  /** How the start screen calls it. */
  readonly title: string;
  /** Present where it came from a file, which can change: its path, and those of all files it takes values from. */
  readonly file?: { readonly path: string; readonly sources: readonly string[] };
}

/**
 * The file of `--config`, the command after `--`, the config in the current folder, or the quickstart.
 * @throws ConfigError where the file is not a config, Failure where both a file and a command are given.
 */
export async function loadSource(
  options: SourceOptions,
  env: NodeJS.ProcessEnv,
  cwd: string,
  secretSource?: SecretSource,
): Promise<Source> {
  const { config: named, command } = options;
  if (named !== undefined && command.length > 0) {
    throw new Failure(EXIT.USAGE, 'there is both a config and a command to serve', [
      'leave one of them out, or write the command into the config under mcpServers',
    ]);
  }
  if (command.length > 0) {
    const title = shellLine(command, process.platform);
    return { config: await commandApart(command), notes: [], secrets: secretsOf(env), title };
  }
  const path = named ?? (await findConfig(cwd));
  if (path === undefined) {
    const title = 'the built-in net server (there is no sallyport.yaml here)';
    return { config: await quickstartApart(), notes: [], title };
  }
  const { config, notes, sources, secrets } = await loadApart(path, { env, cwd, secretSource });
  return { config, notes, secrets, title: shown(resolve(cwd, path), cwd), file: { path, sources } };
}

/** Without a file there are those that every server inherits. */
function secretsOf(env: NodeJS.ProcessEnv): Secrets {
  const secrets = new Secrets();
  for (const value of inheritedSecrets(env)) secrets.add(value);
  return secrets;
}

/** Relative to the current folder where it lies in there. */
function shown(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') || isAbsolute(short) ? path : `./${short}`;
}

/**
 * The command to serve stands after `--`, so that its options are not taken for ours.
 * @param words what the command line has besides options
 * @param argv the command line as it was typed
 */
export function commandAfterDashes(words: readonly string[], argv: readonly string[]): readonly string[] {
  const dashes = argv.indexOf('--');
  const after = dashes === -1 ? [] : argv.slice(dashes + 1);
  if (words.length === after.length) return after;
  const [word = ''] = words;
  const isFile = /\.(?:ya?ml|json)$/i.test(word);
  throw new Failure(EXIT.USAGE, `up does not take ${word} here`, [
    isFile
      ? `did you mean   sallyport up --config ${word}`
      : `did you mean   sallyport up -- ${words.join(' ')}`,
  ]);
}
