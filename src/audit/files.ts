import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

/**
 * The files of a log: `audit.jsonl` is the one that is written, `audit.000000000001.jsonl` one that is full, named by the
 * number of its first record.
 */
export function rotatedName(path: string, firstSeq: number): string {
  const extension = extname(path);
  const stem = basename(path, extension);
  return join(dirname(path), `${stem}.${String(firstSeq).padStart(12, '0')}${extension}`);
}

/** All files of a log that there are, the oldest first. */
export async function logFiles(path: string): Promise<string[]> {
  const extension = extname(path);
  const stem = basename(path, extension);
  const entries = await readdir(dirname(path)).catch((): string[] => []);
  const rotated = entries.filter((name) => {
    const middle = name.slice(stem.length + 1, name.length - extension.length);
    return name.startsWith(`${stem}.`) && name.endsWith(extension) && /^\d{12}$/.test(middle);
  });
  const current = entries.includes(basename(path)) ? [path] : [];
  return [...rotated.sort().map((name) => join(dirname(path), name)), ...current];
}
