import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a lock', () => {
  it('lets in one at a time, and leaves nothing behind', async () => {
    const path = join(folder, 'x.lock');
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, () =>
        withLock(path, async () => {
          inside += 1;
          most = Math.max(most, inside);
          await new Promise((resolve) => setTimeout(resolve, 5));
          inside -= 1;
        }),
      ),
    );
    expect(most).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is given back when the work fails', async () => {
    const path = join(folder, 'x.lock');
    await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(path, () => Promise.resolve('in'))).toBe('in');
  });

  it('of a process that is gone is taken over, by one', async () => {
    const path = join(folder, 'x.lock');
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(path, `${pid} left`);
    let inside = 0;
    const enter = (): Promise<void> =>
      withLock(path, async () => {
        inside += 1;
        expect(inside).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 6 }, enter));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that was forgotten long ago is taken over', async () => {
    const path = join(folder, 'x.lock');
    writeFileSync(path, `${process.pid} forgotten`);
    const past = Date.now() / 1000 - 3600;
    utimesSync(path, past, past);
    expect(await withLock(path, () => Promise.resolve('in'))).toBe('in');
  });
});
