import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { isCode } from './vault.ts';

/** How long one may hold a lock, in milliseconds; who holds it longer has forgotten it. */
const STALE_MS = 60_000;
/** How long to wait for somebody else's. */
const WAIT_MS = 30_000;
const LOOK_MS = 25;

/**
 * Does something while no other process does the same. The lock is a file with the number of its process, so that one
 * that was left behind by a process that died is seen, and taken over.
 * @throws when somebody else holds it for too long
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const mine = `${process.pid} ${randomBytes(8).toString('hex')}`;
  const deadline = Date.now() + WAIT_MS;
  while (!(await take(path, mine))) {
    await dropStale(path);
    if (Date.now() > deadline) throw new Error(`another process holds ${path}`);
    await pause(LOOK_MS);
  }
  try {
    return await work();
  } finally {
    // Somebody may have taken it over, after far too long a time.
    if ((await holderOf(path)) === mine) await rm(path, { force: true });
  }
}

/** Whole from its first moment on: nobody reads a lock that is not written yet. */
async function take(path: string, mine: string): Promise<boolean> {
  const draft = `${path}.${mine.replace(' ', '-')}`;
  await writeFile(draft, mine, { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a lock whose process is gone, or that is too old. */
async function dropStale(path: string): Promise<void> {
  const holder = await holderOf(path);
  if (holder === undefined) return;
  const age = await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  if (isAlive(Number.parseInt(holder, 10)) && age < STALE_MS) return;
  // Two may find it stale at once, and the second must not remove what the first has put in its place.
  const taken = `${path}.stale-${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, taken);
    if ((await holderOf(taken)) !== holder) await link(taken, path).catch(() => {});
  } catch {
    // The other one was faster.
  }
  await rm(taken, { force: true });
}

async function holderOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return isCode(error, 'EPERM');
  }
}
