import { lstat, mkdir, mkdtemp, readdir, rename, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXIT } from '../exit-codes.ts';
import { errorCode, Failure } from '../failure.ts';

/** Made by the file system, and nobody's. */
const LOST_AND_FOUND = 'lost+found';

/** Where a home is written before it takes its place. */
export interface Draft {
  /** New, empty, for the owner only; on the same file system as the place. */
  readonly folder: string;
  /** The place is a volume, which can be neither renamed nor replaced: what is in it is exchanged instead. */
  readonly isVolume: boolean;
}

/** @throws {Failure} where nothing can be written */
export async function draftFor(home: string): Promise<Draft> {
  try {
    await mkdir(dirname(home), { recursive: true, mode: 0o700 });
    return (await isMounted(home))
      ? await draftWithin(home)
      : { folder: await mkdtemp(`${home}.restoring-`), isVolume: false };
  } catch (error) {
    throw notWritten(home, error);
  }
}

/** The draft of a home that is a volume. */
export async function draftWithin(home: string): Promise<Draft> {
  return { folder: await mkdtemp(join(home, '.restoring-')), isVolume: true };
}

/**
 * Puts a home into its place, and what was there beside it.
 * @param fresh within the folder of the draft
 * @returns where the old one is; undefined: there was none
 */
export async function takePlace(fresh: string, home: string, draft: Draft): Promise<string | undefined> {
  const suffix = `before-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  try {
    if (draft.isVolume) return await exchange(fresh, home, join(home, `.${suffix}`));
    const aside = (await isFree(home)) ? undefined : `${home}.${suffix}`;
    if (aside !== undefined) await rename(home, aside);
    await rename(fresh, home);
    return aside;
  } catch (error) {
    throw notWritten(home, error);
  }
}

/** Is nothing at this place any more? An empty folder is nothing. */
async function isFree(home: string): Promise<boolean> {
  return rmdir(home).then(
    () => true,
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT') return true;
      if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') return false;
      throw error;
    },
  );
}

async function exchange(fresh: string, home: string, aside: string): Promise<string | undefined> {
  const old = await entriesOf(home);
  if (old.length > 0) await mkdir(aside, { mode: 0o700 });
  for (const name of old) await rename(join(home, name), join(aside, name));
  for (const name of await readdir(fresh)) await rename(join(fresh, name), join(home, name));
  return old.length > 0 ? aside : undefined;
}

/** What somebody would miss. */
export async function entriesOf(home: string): Promise<string[]> {
  const names = await readdir(home).catch((error: unknown) => {
    ignoreMissing(error);
    return [];
  });
  return names.filter((name) => name !== LOST_AND_FOUND && !/^\.(?:before|restoring)-/.test(name));
}

async function isMounted(home: string): Promise<boolean> {
  const [own, parent] = await Promise.all([
    lstat(home).catch((error: unknown) => ignoreMissing(error)),
    lstat(dirname(home)),
  ]);
  return own !== undefined && own.dev !== parent.dev;
}

function ignoreMissing(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
  return undefined;
}

function notWritten(home: string, error: unknown): Failure {
  return new Failure(
    EXIT.FAILED,
    `${home} cannot be put in its place (${errorCode(error) ?? 'unknown'})`,
    [],
    {
      cause: error,
    },
  );
}
