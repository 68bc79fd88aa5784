import { constants } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, open, readdir, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { errorCode } from '../failure.ts';

/** How long a snapshot of a database waits for somebody who writes, in milliseconds. */
const BUSY_MS = 10_000;
/** How much of the end of a log is looked through for the end of its last line. */
const TAIL_BYTES = 1024 * 1024;
/** A log that is rotated while it is copied is looked for again; nobody rotates faster than this. */
const MOST_LOOKS = 5;

/**
 * Copies a home, with a gateway at work in it or without: databases as of one moment, logs up to a whole line. What
 * belongs to a process (sockets, locks, drafts) stays behind.
 * @param target a new folder, for the owner only
 */
export async function copyHome(home: string, target: string): Promise<void> {
  await mkdir(target, { mode: 0o700 });
  const copied = new Set<string>();
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const fresh = (await filesOf(home)).filter((path) => !copied.has(path));
    if (fresh.length === 0) return;
    // What is checked by something else comes before it: a checkpoint must not be of a line that is not there yet.
    for (const path of fresh.toSorted(checkpointsFirst)) {
      copied.add(path);
      await copyOne(join(home, path), join(target, path));
    }
  }
}

function checkpointsFirst(a: string, b: string): number {
  return Number(b.includes('checkpoint')) - Number(a.includes('checkpoint'));
}

async function filesOf(home: string, folder = ''): Promise<string[]> {
  const entries = await readdir(join(home, folder), { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (isPassing(path)) continue;
    if (entry.isDirectory()) found.push(...(await filesOf(home, path)));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}

/** Is this of a process that runs, or ran, and worth nothing without it? */
function isPassing(path: string): boolean {
  if (path === 'run' || path === 'endpoint.json') return true;
  // Of a restore into a volume.
  if (/^(?:\.before-|\.restoring-|lost\+found$)/.test(path)) return true;
  if (path.endsWith('.lock')) return path !== 'sallyport.lock';
  return /\.db-(?:wal|shm|journal)$|\.\d+$|\.lock\./.test(path);
}

/** Copies a file as it is at one moment. One that has gone meanwhile is left out. */
async function copyOne(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  try {
    if (from.endsWith('.db')) copyDatabase(from, to);
    else await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  await chmod(to, 0o600);
  if (from.endsWith('.jsonl')) await endWithLine(to);
}

/** Readers and writers go on meanwhile; what is written after it began is not in it (sqlite.org/lang_vacuum.html). */
function copyDatabase(from: string, to: string): void {
  const database = new DatabaseSync(from, { readOnly: true, timeout: BUSY_MS });
  try {
    database.prepare('VACUUM INTO ?').run(to);
  } finally {
    database.close();
  }
}

/** A line that was being written is not a line. */
async function endWithLine(path: string): Promise<void> {
  const { size } = await lstat(path);
  const length = Math.min(size, TAIL_BYTES);
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(10);
    if (end !== -1 && end + 1 !== bytesRead) await truncate(path, size - length + end + 1);
  } finally {
    await file.close();
  }
}
