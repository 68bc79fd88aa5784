import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream';

/** A line beyond this many characters is none of an access log, and is cut. */
const LONGEST = 64 * 1024;

/** What `logrotate` and its like put behind the name of a log: `.1`, `.2.gz`, `-20260131`, `-20260131-1769817600.gz`. */
const ROTATED = /^(?:\.\d{1,6}|[.-]\d{4,8}(?:-\d{1,12})*)(?:\.gz)?$/;

/**
 * The files of a log, the oldest first: the log itself and those it was before.
 * @param since what was last written before this has nothing newer in it, and is left out; milliseconds since 1970
 */
export async function logFiles(path: string, since: number): Promise<string[]> {
  const name = basename(path);
  const entries = await readdir(dirname(path)).catch((): string[] => []);
  const candidates = entries.filter(
    (entry) => entry === name || (entry.startsWith(name) && ROTATED.test(entry.slice(name.length))),
  );
  const found = await Promise.all(
    candidates.map(async (entry) => {
      const file = join(dirname(path), entry);
      const { mtimeMs } = await stat(file);
      return { file, mtimeMs, isCurrent: entry === name };
    }),
  );
  return found
    .filter(({ mtimeMs }) => mtimeMs >= since)
    .sort((a, b) => Number(a.isCurrent) - Number(b.isCurrent) || a.mtimeMs - b.mtimeMs)
    .map(({ file }) => file);
}

/**
 * The lines of a file, one after the other, however large it is; of a gzipped one what is in it.
 * @throws {Error} when it cannot be read, or is no gzip inside
 */
export async function* linesOf(file: string): AsyncGenerator<string> {
  const raw = createReadStream(file, { highWaterMark: 256 * 1024 });
  // An error on either side ends both, and comes out of the loop below.
  const stream = file.endsWith('.gz') ? pipeline(raw, createGunzip(), () => {}) : raw;
  stream.setEncoding('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + String(chunk)).split('\n');
    rest = (parts.pop() ?? '').slice(0, LONGEST);
    yield* parts;
  }
  if (rest !== '') yield rest;
}
