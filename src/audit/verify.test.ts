import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ChainKey } from './chain-key.ts';
import { logFiles } from './files.ts';
import { event, logbook } from './testing.ts';
import { verifyLog } from './verify.ts';

/** Seven records, changed by the test. @returns what verify says */
async function after(change: (lines: string[]) => string[] | void) {
  using book = await logbook();
  const writer = await book.open();
  for (const user of ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'])
    await writer.record(event({ user_id: user }));
  await writer.close();
  const lines = readFileSync(book.path, 'utf8').split('\n').slice(0, -1);
  const changed = change(lines) ?? lines;
  writeFileSync(book.path, `${changed.join('\n')}\n`);
  return await verifyLog({ files: await logFiles(book.path), key: book.keys.chain });
}

const swap = (lines: string[], a: number, b: number): string[] =>
  lines.map((line, i) => (i === a ? lines[b] : i === b ? lines[a] : line) ?? '');

describe('threat 32: a log that was tampered with', () => {
  it('is told from one that was not', async () => {
    expect(await after(() => {})).toMatchObject({ records: 7, problem: undefined, torn: undefined });
  });

  it.each<[string, number, (lines: string[]) => string[]]>([
    ['a changed user', 3, (lines) => lines.map((line) => line.replace('bob', 'bot'))],
    [
      'a changed outcome',
      5,
      (lines) => lines.map((line, i) => (i === 4 ? line.replace('"ok"', '"denied"') : line)),
    ],
    ['a changed time', 2, (lines) => lines.map((line, i) => (i === 1 ? line.replace('T', 't') : line))],
    ['a changed number', 4, (lines) => lines.map((line) => line.replace('"seq":4', '"seq":9'))],
    [
      'another version',
      4,
      (lines) => lines.map((line, i) => (i === 3 ? line.replace('"v":1', '"v":2') : line)),
    ],
    ['a member more', 6, (lines) => lines.map((line, i) => (i === 5 ? line.replace('{', '{"x":1,') : line))],
    [
      'a hash made of zeros',
      2,
      (lines) =>
        lines.map((line, i) => (i === 1 ? line.replace(/"hash":"\w+/, `"hash":"${'0'.repeat(64)}`) : line)),
    ],
    ['a record taken out', 3, (lines) => lines.toSpliced(2, 1)],
    ['a record twice', 4, (lines) => lines.toSpliced(3, 0, lines[2] ?? '')],
    ['two records in each other’s place', 3, (lines) => swap(lines, 2, 3)],
    ['a line of nonsense', 5, (lines) => lines.toSpliced(4, 0, 'x')],
    ['an empty line', 5, (lines) => lines.toSpliced(4, 0, '')],
  ])('%s: the first bad record is named', async (_what, seq, change) => {
    const { problem } = await after(change);
    expect(problem).toMatchObject({ seq, line: seq });
  });

  it('every single byte counts', async () => {
    using book = await logbook();
    const writer = await book.open();
    await writer.record(event());
    await writer.close();
    const good = readFileSync(book.path);
    const options = { files: [book.path], key: book.keys.chain };
    for (let at = 0; at < good.length; at += 3) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 1;
      writeFileSync(book.path, bad);
      const { problem, torn } = await verifyLog(options);
      expect(problem ?? torn, `byte ${at}`).toBeDefined();
    }
  });

  it('another key made it', async () => {
    using book = await logbook();
    await (await book.open()).close();
    const { problem } = await verifyLog({ files: [book.path], key: new ChainKey(Buffer.alloc(32, 1)) });
    expect(problem).toMatchObject({ seq: 1 });
  });
});

describe('a log that is only old', () => {
  it('may begin later: its first files were taken away', async () => {
    using book = await logbook();
    const writer = await book.open({ fileBytes: 1000 });
    for (let i = 0; i < 10; i++) await writer.record(event());
    await writer.close();
    const files = (await logFiles(book.path)).slice(2);
    const verdict = await verifyLog({ files, key: book.keys.chain });
    expect(verdict.problem).toBeUndefined();
    expect(verdict.beginsAt).toBeGreaterThan(2);
  });

  it('must not have a hole in the middle', async () => {
    using book = await logbook();
    const writer = await book.open({ fileBytes: 1000 });
    for (let i = 0; i < 10; i++) await writer.record(event());
    await writer.close();
    const files = (await logFiles(book.path)).toSpliced(1, 1);
    expect((await verifyLog({ files, key: book.keys.chain })).problem).toMatchObject({
      file: files[1],
      line: 1,
    });
  });
});
