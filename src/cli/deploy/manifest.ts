import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DeployFile } from '../../deploy/target.ts';
import { errorCode } from '../failure.ts';

/** Beside the files: what was written last, in the form of `sha256sum`. By it, what somebody has changed since is known. */
export const MANIFEST = '.sallyport-deploy';

/**
 * - `new`: not there
 * - `same`: there, and as it should be
 * - `stale`: as it was written the last time, and now it would be another
 * - `edited`: changed by hand, or never ours
 */
export type FileState = 'new' | 'same' | 'stale' | 'edited';

export interface Compared {
  readonly file: DeployFile;
  readonly state: FileState;
  /** What is there; '' where nothing is. */
  readonly present: string;
}

/** Compares files with what is in a folder. */
export async function compareWith(
  folder: string,
  files: readonly DeployFile[],
): Promise<readonly Compared[]> {
  const written = sumsOf((await textOf(join(folder, MANIFEST))) ?? '');
  return Promise.all(
    files.map(async (file): Promise<Compared> => {
      const present = await textOf(join(folder, file.path));
      if (present === undefined) return { file, state: 'new', present: '' };
      if (present === file.text) return { file, state: 'same', present };
      return { file, state: written.get(file.path) === sum(present) ? 'stale' : 'edited', present };
    }),
  );
}

/** Writes files, and remembers what was written. */
export async function writeAll(folder: string, files: readonly DeployFile[]): Promise<void> {
  for (const { path, text, executable } of files) {
    const target = join(folder, path);
    // One after the other: folders are made once, and the first problem is the one that is told.
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
    if (executable) await chmod(target, 0o755);
  }
}

/** Remembers files as ours. Those of other targets in the same folder stay as they are. */
export async function remember(folder: string, files: readonly DeployFile[]): Promise<void> {
  const place = join(folder, MANIFEST);
  const sums = sumsOf((await textOf(place)) ?? '');
  for (const { path, text } of files) sums.set(path, sum(text));
  const lines = [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, hash]) => `${hash}  ${path}\n`);
  await writeFile(place, lines.join(''));
}

function sumsOf(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/^([0-9a-f]{64}) {2}(.+)$/gm)].map(([, hash = '', path = '']) => [path, hash]),
  );
}

function sum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
