import { once } from 'node:events';
import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { create, Parser, type ReadEntry } from 'tar';

/** What is in a backup, in the order of the archive. */
export interface Entry {
  /** `home/token`, `config/sallyport.yaml`. */
  readonly path: string;
  readonly bytes: number;
}

/** The archive holds something that a backup never does. */
export class ArchiveError extends Error {
  override name = 'ArchiveError';
}

/** Far more than a home has. */
const MOST_ENTRIES = 100_000;
/** The two folders of an archive, with nothing that leads out of them. */
const PATH = /^(?:home|config)(?:\/(?!\.{1,2}(?:\/|$))[^/\\\0]+)*\/?$/;

/** A folder that holds `home` and perhaps `config`, as a stream of tar. */
export async function* pack(folder: string, parts: readonly string[]): AsyncGenerator<Buffer> {
  const packed = create({ cwd: folder, portable: true, strict: true }, [...parts]);
  for await (const piece of packed) yield Buffer.from(piece);
}

/**
 * Reads an archive. What it holds is checked as if a stranger had made it, though only who knows the passphrase could:
 * files and folders, and no way out.
 * @param take gets each file; without it, its bytes are passed over
 * @throws {ArchiveError}
 */
export async function unpack(
  tar: AsyncIterable<Buffer>,
  take?: (path: string, bytes: AsyncIterable<Buffer>) => Promise<void>,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  let failure: unknown;
  let work: Promise<unknown> = Promise.resolve();
  const fail = (error: unknown): void => {
    failure ??= error;
  };
  const receive = async (entry: ReadEntry): Promise<void> => {
    check(entry, entries.length);
    const isFile = entry.type !== 'Directory';
    if (isFile) entries.push({ path: entry.path, bytes: entry.size });
    if (isFile && take) await take(entry.path, entry);
    else entry.resume();
  };
  const parser = new Parser({
    strict: true,
    onReadEntry(entry) {
      const received = receive(entry).catch((error: unknown) => {
        fail(error);
        // The parser waits for somebody to read it.
        entry.resume();
      });
      work = Promise.all([work, received]);
    },
  });
  parser.on('error', (error: unknown) =>
    fail(new ArchiveError('what is in it is no archive', { cause: error })),
  );

  for await (const piece of tar) {
    if (!parser.write(piece)) await once(parser, 'drain').catch(fail);
    if (failure !== undefined) throw failure;
  }
  const ended = once(parser, 'end').catch(fail);
  parser.end();
  await ended;
  await work;
  if (failure !== undefined) throw failure;
  return entries;
}

function check({ path, type }: ReadEntry, count: number): void {
  const shown = JSON.stringify(path.slice(0, 200));
  if (count >= MOST_ENTRIES) throw new ArchiveError('there are too many files in it');
  // A link could lead anywhere, and what is written behind it as well.
  if (type !== 'File' && type !== 'OldFile' && type !== 'Directory')
    throw new ArchiveError(`${shown} in it is a ${type}, which no backup has`);
  if (!PATH.test(path) || path.length > 1000)
    throw new ArchiveError(`${shown} in it leads out of the backup`);
}

/** Writes a file of an archive into a new folder, for its owner only. Nothing that is there is opened. */
export async function writeInto(folder: string, path: string, bytes: AsyncIterable<Buffer>): Promise<void> {
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  const file = await open(target, flags, 0o600);
  try {
    for await (const piece of bytes) await file.write(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}
