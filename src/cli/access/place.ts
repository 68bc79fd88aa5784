import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findConfig } from '../../config/find.ts';
import { loadConfig } from '../../config/load.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { secretSource } from '../secrets.ts';
import type { Terminal } from '../terminal.ts';

/** Which log a command reads. */
export interface PlaceOptions {
  readonly config?: string;
  readonly file?: string;
}

const ADVICE = [
  'a gateway writes one when its config says accessLog: { file: access.jsonl }',
  "--file names another one, such as nginx's: /var/log/nginx/access.json",
];

/**
 * The log that was named, else that of the configuration.
 * @throws {Failure} where there is none
 */
export async function placeOf({ config, file }: PlaceOptions, terminal: Terminal): Promise<string> {
  const path = file === undefined ? await configured(config, terminal) : resolve(terminal.cwd, file);
  if (path === undefined) throw new Failure(EXIT.FAILED, 'no access log is configured', ADVICE);
  if (path === 'stdout')
    throw new Failure(EXIT.FAILED, 'the access log goes to standard output, where nobody can read it again', [
      'keep what is written there, and name it with --file',
    ]);
  await access(path).catch(() => {
    throw new Failure(EXIT.FAILED, `there is no access log at ${path}`, ADVICE);
  });
  return path;
}

async function configured(config: string | undefined, terminal: Terminal): Promise<string | undefined> {
  const found = config ?? (await findConfig(terminal.cwd));
  if (found === undefined) return undefined;
  const loaded = await loadConfig(found, {
    env: terminal.env,
    cwd: terminal.cwd,
    secretSource: secretSource(terminal.env),
  });
  return loaded.config.accessLog?.file;
}
