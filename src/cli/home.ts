import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { EXIT } from './exit-codes.ts';
import { errorCode, Failure } from './failure.ts';

/**
 * Where the token and other state live: `SALLYPORT_HOME`, else the platform's data folder (the XDG base directory,
 * `~/Library/Application Support`, `%LOCALAPPDATA%`).
 */
export function homePath(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  const chosen = env['SALLYPORT_HOME'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  return join(dataFolder(env, platform), 'sallyport');
}

function dataFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const user = env['HOME'] ?? homedir();
  if (platform === 'win32') return env['LOCALAPPDATA'] ?? join(user, 'AppData', 'Local');
  if (platform === 'darwin') return join(user, 'Library', 'Application Support');
  const xdg = env['XDG_DATA_HOME'];
  // "All paths set in these environment variables must be absolute. If an implementation encounters a relative path
  // [...] it should consider the path invalid and ignore it." (XDG Base Directory Specification)
  return xdg !== undefined && isAbsolute(xdg) ? xdg : join(user, '.local', 'share');
}

/**
 * Makes the home where it is missing, for its owner only, and checks it where it is there.
 * @throws Failure where somebody else owns it, could write to it, or put a link in its place.
 */
export async function openHome(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    // What is there instead of a folder is told below.
    if (errorCode(error) !== 'EEXIST') {
      throw new Failure(
        EXIT.FAILED,
        `cannot make the folder ${path} (${errorCode(error)})`,
        ['set SALLYPORT_HOME to a folder you may write to'],
        { cause: error },
      );
    }
  }
  await tightenEmpty(path);
  await checkHome(path);
  return path;
}

/** An empty folder somebody made for us (`mkdir`, a volume) is open to others only because nobody thought of it. */
async function tightenEmpty(path: string): Promise<void> {
  const stats = await lstat(path);
  if (!stats.isDirectory() || stats.uid !== process.getuid?.() || (stats.mode & 0o077) === 0) return;
  if ((await readdir(path)).length === 0) await chmod(path, 0o700);
}

/** The checks of {@link openHome} for a home that may not be made: false where there is none. */
export async function findHome(path: string): Promise<boolean> {
  try {
    await checkHome(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function checkHome(path: string): Promise<void> {
  const stats = await lstat(path);
  if (stats.isSymbolicLink()) {
    throw new Failure(EXIT.FAILED, `${path} is a symbolic link`, [
      'set SALLYPORT_HOME to the folder it points to',
    ]);
  }
  if (!stats.isDirectory()) {
    throw new Failure(EXIT.FAILED, `${path} is not a folder`, [
      'move it away, or set SALLYPORT_HOME to another place',
    ]);
  }
  checkPrivate(path, stats);
}

/**
 * Refuses a file or folder that others own, read or write: a token anybody can read is no token.
 * Windows keeps such rights elsewhere; there the user's own profile folder stands for them.
 */
export function checkPrivate(path: string, stats: { mode: number; uid: number }): void {
  const self = process.getuid?.();
  if (self === undefined) return;
  if (stats.uid !== self) {
    throw new Failure(EXIT.FAILED, `${path} belongs to another user (uid ${stats.uid}, you are ${self})`, [
      'run sallyport as that user, or set SALLYPORT_HOME to a folder of your own',
    ]);
  }
  if ((stats.mode & 0o077) !== 0) {
    const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
    throw new Failure(EXIT.FAILED, `others may use ${path} (mode ${mode})`, [`chmod go= '${path}'`]);
  }
}
