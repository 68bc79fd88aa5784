import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Problem, Reading } from './units.ts';

/** The largest file that is taken for a configuration or a secret: 1 MiB. */
export const MAX_FILE_BYTES = 1024 * 1024;

const PROBLEMS: ReadonlyMap<string | undefined, string> = new Map([
  ['ENOENT', 'There is no such file.'],
  ['ENOTDIR', 'There is no such file.'],
  ['EACCES', 'This file may not be read by the user that runs Sallyport.'],
  ['EPERM', 'This file may not be read by the user that runs Sallyport.'],
  ['EISDIR', 'This is a folder, not a file.'],
  ['ELOOP', 'This is a symbolic link that leads nowhere.'],
]);

/**
 * Reads a text file: UTF-8, a byte order mark left out, at most 1 MiB.
 * @param kind `regular` refuses pipes and devices, which a reader could wait for without end; `private` also refuses what
 *   others may read.
 */
export async function readText(path: string, kind: 'any' | 'regular' | 'private'): Promise<Reading<string>> {
  let bytes: Buffer;
  try {
    // Without O_NONBLOCK, opening a pipe that nobody writes into would not come back.
    await using file = await open(path, constants.O_RDONLY | (kind === 'any' ? 0 : constants.O_NONBLOCK));
    const refused = kind === 'any' ? undefined : await refusal(file, path, kind);
    if (refused) return refused;
    bytes = await readUpTo(file, MAX_FILE_BYTES + 1);
  } catch (error) {
    const code = codeOf(error);
    const problem = PROBLEMS.get(code) ?? 'This file cannot be read.';
    return code === 'ENOENT' || code === 'ENOTDIR' ? { problem, missing: true } : { problem };
  }
  if (bytes.length > MAX_FILE_BYTES) return { problem: 'This file is larger than 1 MiB.' };
  try {
    const value = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (value.includes('\0')) return { problem: 'This file contains NUL characters: it is not text.' };
    return { value };
  } catch {
    return { problem: 'This file is not UTF-8 text.', hint: 'Save it as UTF-8.' };
  }
}

/** Asked of the open file: nobody can swap it between this and the reading. */
async function refusal(
  file: FileHandle,
  path: string,
  kind: 'regular' | 'private',
): Promise<Problem | undefined> {
  const stats = await file.stat();
  if (!stats.isFile()) return { problem: 'This is not a regular file.' };
  const self = process.getuid?.();
  if (kind === 'regular' || self === undefined || (stats.mode & 0o077) === 0) return undefined;
  // What root has put there for other users is what an orchestrator mounts; its modes are not ours to change.
  if (stats.uid === 0 && self !== 0) return undefined;
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  return {
    problem: `This file holds secrets, and others may use it (mode ${mode}).`,
    hint: `Run: chmod 600 '${path.replaceAll("'", String.raw`'\''`)}'`,
  };
}

interface Readable {
  read(buffer: Buffer, offset: number, length: number): Promise<{ bytesRead: number }>;
}

async function readUpTo(file: Readable, limit: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(limit);
  let length = 0;
  while (length < limit) {
    const { bytesRead } = await file.read(buffer, length, limit - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
