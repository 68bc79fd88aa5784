import { watch, type FSWatcher } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { loadApart } from './apart.ts';
import { ConfigError } from './diagnose.ts';
import type { Loaded, LoadOptions } from './load.ts';

/** Editors write a file in several steps; this much silence says that they are done. */
const SETTLE_MS = 150;
/** File systems over a network and mounts of a container tell nothing of changes, so that somebody has to look. */
const LOOK_MS = 5000;

export type Reload = { readonly loaded: Loaded } | { readonly error: ConfigError };

export interface WatchOptions extends LoadOptions {
  readonly file: string;
  /** The files that the configuration in use came from (`Loaded.sources`). */
  readonly sources: readonly string[];
  /** Called after every change, with the new configuration or with what is wrong with it. */
  readonly onChange: (reload: Reload) => void;
  readonly settleMs?: number;
  readonly lookMs?: number;
}

/**
 * Watches a configuration file and the files it takes values from.
 *
 * It watches folders: an editor that saves by renaming leaves the watcher of a file with the old one. What a folder
 * tells is only a reason to look; a change is when a file's identity, size or time is another.
 */
export class ConfigWatcher {
  readonly #options: WatchOptions;
  readonly #folders = new Map<string, FSWatcher>();
  readonly #looking: NodeJS.Timeout;
  #sources: readonly string[];
  /** What the files were like when they were last read. */
  #seen: Marks = new Map();
  #settling: NodeJS.Timeout | undefined;
  #work: Promise<void>;
  #closed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#sources = options.sources;
    this.#work = this.#begin();
    this.#looking = setInterval(() => this.#queue(() => this.#look()), options.lookMs ?? LOOK_MS);
    this.#looking.unref();
  }

  /** Resolves when the folders are watched and what was under way is done. */
  async settled(): Promise<void> {
    await this.#work;
  }

  /** Reads the configuration now, changed or not, as SIGHUP asks for. */
  async reload(): Promise<void> {
    this.#queue(() => this.#load());
    await this.#work;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#looking);
    clearTimeout(this.#settling);
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  /** One thing after the other: two readings at once could end in the wrong order. */
  #queue(step: () => Promise<void>): void {
    this.#work = this.#work.then(() => (this.#closed ? undefined : step()));
  }

  #touched(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#queue(() => this.#look()), this.#options.settleMs ?? SETTLE_MS);
  }

  async #begin(): Promise<void> {
    this.#seen = await marksOf(this.#sources);
    await this.#watchFolders();
  }

  async #look(): Promise<void> {
    const marks = await marksOf(this.#sources);
    if ([...marks].some(([file, mark]) => this.#seen.get(file) !== mark)) await this.#load();
  }

  async #load(): Promise<void> {
    const { file, onChange } = this.#options;
    // From before the reading: what changes in the midst of it will be seen as another change.
    const before = await marksOf(this.#sources);
    let reload: Reload;
    try {
      const loaded = await loadApart(file, this.#options);
      reload = { loaded };
      this.#sources = loaded.sources;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      reload = { error };
      this.#sources = error.sources;
    }
    this.#seen = new Map([...(await marksOf(this.#sources)), ...before]);
    await this.#watchFolders();
    if (!this.#closed) onChange(reload);
  }

  async #watchFolders(): Promise<void> {
    const wanted = new Set((await Promise.all(this.#sources.map(foldersOf))).flat());
    if (this.#closed) return;
    for (const [folder, watcher] of this.#folders) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
    for (const folder of wanted) this.#watchFolder(folder);
  }

  #watchFolder(folder: string): void {
    if (this.#folders.has(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#touched());
      // Too many watchers, or the folder went away: looking from time to time has to do.
      watcher.on('error', () => {
        watcher.close();
        this.#folders.delete(folder);
      });
      this.#folders.set(folder, watcher);
    } catch {
      // The same.
    }
  }
}

/** Where a file is, and where it really is when it is a link. */
async function foldersOf(file: string): Promise<string[]> {
  const folder = dirname(file);
  try {
    return [folder, dirname(await realpath(file))];
  } catch {
    return [folder];
  }
}

/** Of each file, something that is another when the file is. */
type Marks = ReadonlyMap<string, string>;

async function marksOf(files: readonly string[]): Promise<Marks> {
  return new Map(await Promise.all(files.map(async (file) => [file, await markOf(file)] as const)));
}

async function markOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(file);
    return [ino, size, mtimeMs, ctimeMs].join(' ');
  } catch {
    return 'missing';
  }
}
