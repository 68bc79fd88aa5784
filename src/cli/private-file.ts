import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { EXIT } from './exit-codes.ts';
import { errorCode, Failure } from './failure.ts';
import { checkPrivate } from './home.ts';

/** No file in the home is longer than this many bytes; whatever is, is not ours. */
const MAX_BYTES = 4096;

// Windows has no such flag, and none of the attack it is against either: links need a privilege there.
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

/**
 * The text of a file that only its owner may read, or null where there is none.
 * The checks are made on the open file, so that nobody can swap it between check and reading.
 * @throws Failure where the file is a link, somebody else's, or open to others.
 */
export async function readPrivate(path: string): Promise<string | null> {
  let file;
  try {
    file = await open(path, constants.O_RDONLY | NO_FOLLOW);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    if (errorCode(error) === 'ELOOP') {
      throw new Failure(EXIT.FAILED, `${path} is a symbolic link`, ['remove it, and start again'], {
        cause: error,
      });
    }
    throw new Failure(EXIT.FAILED, `cannot read ${path} (${errorCode(error)})`, [], { cause: error });
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile())
      throw new Failure(EXIT.FAILED, `${path} is not a file`, ['remove it, and start again']);
    checkPrivate(path, stats);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Makes a file for its owner only. False where one is there already. */
export async function createPrivate(path: string, text: string): Promise<boolean> {
  let file;
  try {
    file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, 0o600);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw new Failure(EXIT.FAILED, `cannot write ${path} (${errorCode(error)})`, [], { cause: error });
  }
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
  return true;
}

/** Puts a file for its owner only in place, whole or not at all, over one that may be there. */
export async function replacePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`;
  // A draft of that name can only be left over from a process that died with our number.
  await rm(draft, { force: true });
  if (!(await createPrivate(draft, text))) throw new Failure(EXIT.FAILED, `cannot write ${draft}`);
  await rename(draft, path);
}
