import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning, processMark } from './owner.ts';

const PREFIX = 'sallyport-container-';

/** Where the engine writes the id of a container, and reads variables that must not be arguments. */
export class PrivateFolder {
  readonly path: string;
  /** Not there yet: the engine refuses to write over it. */
  readonly cidFile: string;

  private constructor(path: string) {
    this.path = path;
    this.cidFile = join(path, 'cid');
  }

  static async make(): Promise<PrivateFolder> {
    // mkdtemp(3): mode 0700.
    return new PrivateFolder(await mkdtemp(join(tmpdir(), `${PREFIX}${processMark().replace(':', '-')}-`)));
  }

  /** @returns the path of a file that says this; undefined when there is nothing to say */
  async keep(text: string): Promise<string | undefined> {
    if (text === '') return undefined;
    const path = join(this.path, 'env');
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
    return path;
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

/** Removes the folders of processes that have ended without doing so: there may be secrets in them. */
export async function removeLeftFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, pid, start] = /^sallyport-container-(\d+)-(\d*)-/.exec(name) ?? [];
    if (pid === undefined || isRunning(`${pid}:${start}`)) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}
