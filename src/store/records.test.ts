import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { recordsContract } from './contract.ts';
import { MemoryRecords } from './memory.ts';
import { openRecords } from './sqlite.ts';

const root = mkdtempSync(join(tmpdir(), 'sallyport-records-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let files = 0;
const fresh = (): string => join(root, `${(files += 1)}`, 'store.db');
const module = JSON.stringify(new URL('sqlite.ts', import.meta.url).href);

recordsContract('records in memory', () => new MemoryRecords());
recordsContract('records in SQLite', () => openRecords(fresh()));

describe('records in SQLite', () => {
  it('are there for the next process', () => {
    const file = fresh();
    const code = `const { openRecords } = await import(${module});
      using r = openRecords(process.argv[1]); r.put('k', 'a', { pid: process.pid });`;
    execFileSync(process.execPath, ['--input-type=module', '-e', code, file]);
    using records = openRecords(file);
    expect(records.get('k', 'a')).toEqual({ pid: expect.any(Number) });
  });

  it('print no warning of Node', () => {
    const code = `const { openRecords } = await import(${module}); openRecords(process.argv[1]);`;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', code, fresh()],
      { encoding: 'utf8' },
    );
    expect({ status, out: `${stdout}${stderr}` }).toEqual({ status: 0, out: '' });
  });

  it('let two processes write at once: each record is taken by one of them, and no change is lost', async () => {
    const file = fresh();
    using records = openRecords(file);
    for (let i = 0; i < 200; i += 1) records.put('job', `${i}`, {});
    records.put('sum', 'n', { n: 0 });
    const before = records.version();
    const code = `const { openRecords } = await import(${module});
      using r = openRecords(process.argv[1]);
      let taken = 0;
      for (let i = 0; i < 200; i += 1) {
        if (!r.take('job', String(i))) continue;
        taken += 1;
        r.transaction(() => r.put('sum', 'n', { n: r.get('sum', 'n').n + 1 }));
      }
      process.stdout.write(String(taken));`;
    const counts = await Promise.all(
      [1, 2].map(async () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', code, file], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let text = '';
        child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
        await once(child, 'close');
        return Number(text);
      }),
    );
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(200);
    expect(records.get('sum', 'n')).toEqual({ n: 200 });
    expect(records.version()).toBeGreaterThan(before);
  });

  it('are for their owner only, with all that lies beside them', () => {
    const file = fresh();
    using records = openRecords(file);
    records.put('k', 'a', {});
    const folder = join(file, '..');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const modes = readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777]);
    expect(modes).toEqual([
      ['store.db', 0o600],
      ['store.db-shm', 0o600],
      ['store.db-wal', 0o600],
    ]);
  });

  it('refuse a file or folder that others may use, a link, and what is no database', () => {
    const open = fresh();
    openRecords(open)[Symbol.dispose]();
    chmodSync(open, 0o640);
    expect(() => openRecords(open)).toThrow(`chmod 600 '${open}'`);
    chmodSync(open, 0o600);
    chmodSync(join(open, '..'), 0o755);
    expect(() => openRecords(open)).toThrow('chmod go=');

    const linked = fresh();
    openRecords(linked)[Symbol.dispose]();
    const link = join(linked, '..', 'link.db');
    symlinkSync(linked, link);
    expect(() => openRecords(link)).toThrow('is a symbolic link');

    const broken = fresh();
    openRecords(broken)[Symbol.dispose]();
    writeFileSync(broken, 'this is no database, by any means'.repeat(200));
    expect(() => openRecords(broken)).toThrow('cannot be opened');
  });
});
