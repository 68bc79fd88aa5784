import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { AuditRecord } from './event.ts';
import { logFiles } from './files.ts';
import { event, logbook } from './testing.ts';
import { verifyLog } from './verify.ts';

const linesIn = (path: string): AuditRecord[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditRecord);

describe('a log', () => {
  it('begins with its opening, and numbers its records from there', async () => {
    using book = await logbook();
    const writer = await book.open();
    writer.write(event());
    writer.write(event({ user_id: 'bob' }));
    await writer.close();
    const records = linesIn(book.path);
    expect(records.map(({ seq, event_type: type, user_id: user }) => [seq, type, user])).toEqual([
      [1, 'audit_opened', 'sallyport'],
      [2, 'tool_call', 'alice'],
      [3, 'tool_call', 'bob'],
    ]);
    expect(records.map(({ prev }) => prev).slice(1)).toEqual(records.map(({ hash }) => hash).slice(0, -1));
  });

  it('is for its owner alone, as its keys are', async () => {
    using book = await logbook();
    await (await book.open()).close();
    for (const file of [
      book.path,
      join(book.folder, 'keys', 'chain.key'),
      join(book.folder, 'keys', 'checkpoint.key'),
    ])
      expect(statSync(file).mode & 0o777, file).toBe(0o600);
  });

  it('goes on where it ended, over starts and over files', async () => {
    using book = await logbook();
    for (let start = 0; start < 5; start++) {
      const writer = await book.open({ fileBytes: 2000 });
      for (let i = 0; i < 10; i++) await writer.record(event());
      await writer.close();
    }
    const files = await logFiles(book.path);
    expect(files.length).toBeGreaterThan(5);
    const verdict = await verifyLog({ files, key: book.keys.chain });
    expect(verdict).toMatchObject({ problem: undefined, records: 55, beginsAt: 1, torn: undefined });
  });

  it('writes what comes at once in one go, in its order', async () => {
    using book = await logbook();
    const writer = await book.open();
    const recorded = await Promise.all(
      Array.from({ length: 500 }, (_, i) => writer.record(event({ id: `c-${i}` }))),
    );
    expect(recorded.every(Boolean)).toBe(true);
    expect(
      linesIn(book.path)
        .slice(1)
        .map(({ id }) => id),
    ).toEqual(recorded.map((_, i) => `c-${i}`));
    await writer.close();
  });

  it('cuts off a line that a killed process left unfinished, and says so', async () => {
    using book = await logbook();
    const first = await book.open();
    await first.record(event());
    await first.close();
    appendFileSync(book.path, '{"v":1,"seq":3,"time');
    await (await book.open()).close();
    const last = linesIn(book.path).at(-1);
    expect(last).toMatchObject({
      seq: 3,
      action_taken: 'cut_torn_line',
      policy: '20 bytes of an unfinished line',
    });
    expect((await verifyLog({ files: [book.path], key: book.keys.chain })).problem).toBeUndefined();
  });

  it('is not written on when its last line is no record', async () => {
    using book = await logbook();
    await (await book.open()).close();
    appendFileSync(book.path, 'nonsense\n');
    await expect(book.open()).rejects.toThrow(/audit verify/);
    // And it is free for whoever mends it.
    writeFileSync(book.path, '');
    await (await book.open()).close();
  });

  it('survives a kill -9 in the middle of writing', async () => {
    using book = await logbook();
    const program = join(import.meta.dirname, '../../test/support/audit-killed.ts');
    const child = spawnSync(process.execPath, [program, book.path, join(book.folder, 'keys')], {
      timeout: 20_000,
    });
    expect(child.signal, child.stderr.toString()).toBe('SIGKILL');
    const writer = await book.open();
    await writer.close();
    const verdict = await verifyLog({ files: await logFiles(book.path), key: book.keys.chain });
    expect(verdict.problem).toBeUndefined();
    expect(verdict.records).toBeGreaterThan(100);
  });

  it('has one writer at a time', async () => {
    using book = await logbook();
    const writer = await book.open();
    writeFileSync(`${book.path}.lock`, '1');
    await expect(book.open()).rejects.toThrow(/Another process \(1\)/);
    await writer.close();
    // The number of a process that is gone.
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(`${book.path}.lock`, String(gone));
    await (await book.open()).close();
  });
});

describe('what cannot be written', () => {
  it('is told to who asked, and counted', async () => {
    using book = await logbook();
    const writer = await book.open();
    const file = await open(book.path);
    const prototype = Object.getPrototypeOf(file) as { write: () => unknown };
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
    const write = vi.spyOn(prototype, 'write').mockRejectedValue(full);
    expect(await writer.record(event())).toBe(false);
    write.mockRestore();
    await file.close();
    expect(book.losses).toEqual([[1, 'ENOSPC']]);
    expect(writer.lost).toBe(1);
    // Room again: the chain goes on without a gap.
    expect(await writer.record(event())).toBe(true);
    await writer.close();
    expect(await verifyLog({ files: [book.path], key: book.keys.chain })).toMatchObject({
      records: 2,
      problem: undefined,
    });
  });

  it('takes with it what became lines behind it, and the chain goes on', async () => {
    using book = await logbook();
    const writer = await book.open();
    const file = await open(book.path);
    const prototype = Object.getPrototypeOf(file) as { write: () => unknown };
    let fail: (error: Error) => void = () => {};
    const failing = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const write = vi.spyOn(prototype, 'write').mockReturnValue(failing);
    const first = writer.record(event());
    await vi.waitFor(() => expect(write).toHaveBeenCalled());
    const behind = Array.from({ length: 100 }, () => writer.record(event()));
    // Two turns: by then they are lines.
    await turn();
    await turn();
    fail(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    expect(await Promise.all([first, ...behind])).toEqual(Array(101).fill(false));
    write.mockRestore();
    await file.close();
    expect([writer.lost, writer.works]).toEqual([101, false]);
    expect(await writer.record(event())).toBe(true);
    expect(writer.works).toBe(true);
    await writer.close();
    expect(await verifyLog({ files: [book.path], key: book.keys.chain })).toMatchObject({
      records: 2,
      problem: undefined,
    });
  });

  it('is not kept without end', async () => {
    using book = await logbook();
    const writer = await book.open();
    for (let i = 0; i < 10_050; i++) writer.write(event());
    expect(writer.lost).toBe(50);
    await writer.close();
    expect(linesIn(book.path)).toHaveLength(10_001);
  });
});

describe('checkpoints', () => {
  it('are made after a thousand records, not twice in a second, and at the end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      using book = await logbook();
      const writer = await book.open();
      const seqs = (): number[] => book.checkpoints.map((line) => (JSON.parse(line) as { seq: number }).seq);
      for (let i = 0; i < 2500; i++) await writer.record(event());
      expect(seqs()).toEqual([1000]);
      vi.advanceTimersByTime(1000);
      expect(seqs()).toEqual([1000, 2501]);
      for (let i = 0; i < 10; i++) await writer.record(event());
      vi.advanceTimersByTime(1000);
      expect(seqs()).toEqual([1000, 2501]);
      await writer.close();
      expect(seqs()).toEqual([1000, 2501, 2511]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('show that the end of a log is missing', async () => {
    using book = await logbook();
    const writer = await book.open();
    for (let i = 0; i < 10; i++) await writer.record(event());
    await writer.close();
    const kept = join(book.folder, 'checkpoints');
    writeFileSync(kept, book.checkpoints.join(''));
    const options = {
      files: [book.path],
      key: book.keys.chain,
      checkpoints: { files: [kept], key: book.keys.verifying },
    };
    expect(await verifyLog(options)).toMatchObject({ problem: undefined, checkpoints: 1 });
    const text = readFileSync(book.path, 'utf8');
    truncateSync(book.path, text.lastIndexOf('\n', text.length - 2) + 1);
    const { problem } = await verifyLog(options);
    expect(problem).toMatchObject({ seq: 11, reason: expect.stringContaining('up to 11') as string });
    // Without them nobody could tell.
    expect((await verifyLog({ files: [book.path], key: book.keys.chain })).problem).toBeUndefined();
  });
});
