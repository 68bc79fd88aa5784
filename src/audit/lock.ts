import { open, readFile, rm } from 'node:fs/promises';
import { SetupError } from '../core/setup-error.ts';

/** Another process writes this log. */
export class LogInUse extends SetupError {
  override readonly name = 'LogInUse';

  constructor(path: string, pid: number) {
    super(`Another process (${pid}) writes ${path}. Give each gateway an audit file of its own.`);
  }
}

/**
 * Makes this process the only one that writes a log: two chains in one file would break each other.
 * @returns what gives it back
 */
export async function lockLog(path: string): Promise<() => Promise<void>> {
  const lock = `${path}.lock`;
  for (;;) {
    try {
      await using file = await open(lock, 'wx', 0o600);
      await file.writeFile(String(process.pid));
      return () => rm(lock, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const pid = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (isAlive(pid) && pid !== process.pid) throw new LogInUse(path, pid);
    // Whoever wrote it was killed.
    await rm(lock, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
