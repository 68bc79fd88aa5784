import { execFileSync } from 'node:child_process';
import {
  existsSync,
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linesOf, logFiles } from './files.ts';
import { follow } from './follow.ts';

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-access-'));
  log = join(folder, 'access.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file that was last written so many minutes ago. */
function write(name: string, content: string | Buffer, minutesAgo = 0): void {
  const file = join(folder, name);
  writeFileSync(file, content);
  const at = new Date(Date.now() - minutesAgo * 60_000);
  utimesSync(file, at, at);
}

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

describe('the files of a log', () => {
  it('are those it was rotated into, the oldest first, and no others', async () => {
    write('access.jsonl', 'now');
    write('access.jsonl.1', 'x', 10);
    write('access.jsonl.2.gz', gzipSync('x'), 20);
    write('access.jsonl-20260131.gz', gzipSync('x'), 30);
    for (const other of [
      'access.jsonl.bak',
      'access.jsonl.1.tmp',
      'other.jsonl',
      'access.json',
      'xaccess.jsonl',
    ])
      write(other, 'x', 5);
    expect((await logFiles(log, 0)).map((file) => basename(file))).toEqual([
      'access.jsonl-20260131.gz',
      'access.jsonl.2.gz',
      'access.jsonl.1',
      'access.jsonl',
    ]);
  });

  it('are left out when nothing in them is new enough', async () => {
    write('access.jsonl', 'now');
    write('access.jsonl.1', 'x', 90);
    expect((await logFiles(log, Date.now() - 3_600_000)).map((file) => basename(file))).toEqual([
      'access.jsonl',
    ]);
  });
});

describe('the lines of a file', () => {
  it.each([
    ['plain', (text: string) => text, 'a.log'],
    ['gzipped', (text: string) => gzipSync(text), 'a.log.gz'],
    [
      'gzipped in pieces',
      (text: string) => Buffer.concat([gzipSync(text.slice(0, 7)), gzipSync(text.slice(7))]),
      'a.log.gz',
    ],
  ])('are read: %s', async (_how, make, name) => {
    write(name, make('one\nzwei ü\n\nthree'));
    expect(await all(linesOf(join(folder, name)))).toEqual(['one', 'zwei ü', '', 'three']);
  });

  const counts = existsSync('/proc/self/status');
  it.skipIf(!counts)('of a large file take no memory of its size (SKIPPED without /proc)', () => {
    const [mebibytes, lines] = [200, 10_000];
    const part = gzipSync(`${'x'.repeat(104)}\n`.repeat(lines));
    write('big.gz', Buffer.concat(Array.from({ length: mebibytes }, () => part)));
    // In a process of its own, which says how much memory it had at most, in KiB. Not getrusage(2): what that says begins
    // with what the process had before it became Node, which is what this one here has.
    const program = `
      import { readFileSync } from 'node:fs';
      const { linesOf } = await import(${JSON.stringify(new URL('files.ts', import.meta.url).href)});
      let count = 0;
      for await (const line of linesOf(process.argv[1])) count += 1;
      const [, most] = /VmHWM:\\s+(\\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
      console.log(JSON.stringify({ count, most: Number(most) }));`;
    const args = ['--input-type=module', '-e', program, join(folder, 'big.gz')];
    const { count, most } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as {
      count: number;
      most: number;
    };
    expect(count).toBe(mebibytes * lines);
    expect(most).toBeLessThan(150 * 1024);
  });

  it('without an end are cut, and a file that is no gzip is refused', async () => {
    write('long', 'x'.repeat(3_000_000));
    expect((await all(linesOf(join(folder, 'long'))))[0]?.length).toBeLessThan(600_000);
    write('bad.gz', 'this is no gzip');
    await expect(all(linesOf(join(folder, 'bad.gz')))).rejects.toThrow(/header/);
  });
});

describe('a log that is followed', () => {
  it('goes on when it is rotated away, or cut back', async () => {
    writeFileSync(log, 'before\n');
    const stop = new AbortController();
    const found: string[] = [];
    const following = (async () => {
      for await (const line of follow(log, (ms) => delay(ms / 30), stop.signal)) found.push(line);
    })();
    const until = async (count: number): Promise<void> => {
      const deadline = Date.now() + 5000;
      while (found.length < count && Date.now() < deadline) await delay(5);
      expect(found).toHaveLength(count);
    };
    await delay(50);
    appendFileSync(log, 'one\ntw');
    await until(1);
    appendFileSync(log, 'o ü\n');
    await until(2);
    renameSync(log, `${log}.1`);
    // Its writer goes on with the old one until it is told.
    await delay(50);
    appendFileSync(`${log}.1`, 'three\n');
    await until(3);
    writeFileSync(log, 'four\n');
    await until(4);
    truncateSync(log);
    await delay(50);
    appendFileSync(log, 'five\n');
    await until(5);
    stop.abort();
    await following;
    expect(found).toEqual(['one', 'two ü', 'three', 'four', 'five']);
  });
});
