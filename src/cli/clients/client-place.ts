import { constants } from 'node:fs';
import { copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import type { Machine } from '../../clients/index.ts';
import { EXIT } from '../exit-codes.ts';
import { errorCode, Failure } from '../failure.ts';
import { replacePrivate } from '../private-file.ts';
import type { Terminal } from '../terminal.ts';

/** No settings of a client are longer. */
const MAX_BYTES = 16 * 1024 * 1024;

export function machineOf({ env }: Pick<Terminal, 'env'>): Machine {
  const { platform } = process;
  const home = (platform === 'win32' ? env['USERPROFILE'] : env['HOME']) ?? homedir();
  return { platform, home, appData: env['APPDATA'] };
}

/** The text of a client's file; undefined where there is none. */
export async function readPlace(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new Failure(EXIT.FAILED, `${path} is larger than 16 MiB`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (error instanceof Failure) throw error;
    throw new Failure(EXIT.FAILED, `cannot read ${path} (${errorCode(error)})`, [], { cause: error });
  }
}

/**
 * Puts a text in place of a client's file, whole or not at all, for its owner only, since a token stands in it.
 * @returns where the one before is kept, or undefined where there was none
 */
export async function writePlace(path: string, text: string, isNew: boolean): Promise<string | undefined> {
  await mkdir(dirname(path), { recursive: true });
  const backup = isNew ? undefined : `${path}.before-sallyport-${Date.now()}`;
  if (backup !== undefined) await copyFile(path, backup, constants.COPYFILE_EXCL);
  await replacePrivate(path, text);
  return backup;
}
