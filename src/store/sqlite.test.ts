import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openRecords } from './sqlite.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-store-'));
  file = join(folder, 'store.sqlite');
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

describe('records', () => {
  it('are there for the next process', () => {
    {
      using records = openRecords(file);
      records.put('token', 'a', { n: 1 });
      records.put('token', 'a', { n: 2, deep: [{ x: null }] });
      records.put('other', 'a', {});
    }
    using records = openRecords(file);
    expect(records.get('token', 'a')).toEqual({ n: 2, deep: [{ x: null }] });
    expect(records.get('token', 'b')).toBeUndefined();
  });

  it('are listed by kind, in the order of their keys', () => {
    using records = openRecords(file);
    for (const key of ['b', '__proto__', 'a']) records.put('k', key, { key });
    expect(records.list('k').map(({ key }) => key)).toEqual(['__proto__', 'a', 'b']);
    expect(records.list('none')).toEqual([]);
  });

  it('are added once', () => {
    using records = openRecords(file);
    expect([records.add('k', 'a', { n: 1 }), records.add('k', 'a', { n: 2 })]).toEqual([true, false]);
    expect(records.get('k', 'a')).toEqual({ n: 1 });
  });

  it('end when their time is over', () => {
    vi.useFakeTimers({ now: 1000 });
    using records = openRecords(file);
    records.put('k', 'a', {}, 2000);
    expect(records.get('k', 'a')).toEqual({});
    vi.setSystemTime(2000);
    expect([
      records.get('k', 'a'),
      records.list('k'),
      records.take('k', 'a'),
      records.delete('k', 'a'),
    ]).toEqual([undefined, [], undefined, false]);
    expect(records.add('k', 'a', { again: true })).toBe(true);
    expect(records.get('k', 'a')).toEqual({ again: true });
  });

  it('are taken by one', () => {
    using first = openRecords(file);
    using second = openRecords(file);
    first.put('k', 'a', { n: 1 });
    expect([second.take('k', 'a'), first.take('k', 'a')]).toEqual([{ n: 1 }, undefined]);
  });

  it('change all at once or not at all', () => {
    using records = openRecords(file);
    const work = () =>
      records.transaction(() => {
        records.put('k', 'a', {});
        records.transaction(() => records.put('k', 'b', {}));
        throw new Error('stop');
      });
    expect(work).toThrow('stop');
    expect(records.list('k')).toEqual([]);
    records.put('k', 'c', {});
    expect(records.list('k')).toHaveLength(1);
  });

  it('have a version that grows with every change, by whatever process', () => {
    using first = openRecords(file);
    using second = openRecords(file);
    const seen = [first.version()];
    const look = () => void seen.push(first.version());
    second.put('k', 'a', {});
    look();
    first.put('k', 'b', {});
    look();
    second.delete('k', 'b');
    look();
    expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b));
    const still = first.version();
    first.get('k', 'a');
    expect(first.version()).toBe(still);
  });

  it('survive a process that is killed while it writes', () => {
    const script = `
      import { openRecords } from ${JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)};
      const records = openRecords(${JSON.stringify(file)});
      records.put('k', 'done', {});
      records.transaction(() => { records.put('k', 'half', {}); process.kill(process.pid, 'SIGKILL'); });`;
    spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script]);
    using records = openRecords(file);
    expect(records.list('k').map(({ key }) => key)).toEqual(['done']);
  });

  it('are for their owner only, and never behind a link', () => {
    using records = openRecords(file);
    records.put('k', 'a', {});
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    symlinkSync(file, join(folder, 'link'));
    expect(() => openRecords(join(folder, 'link'))).toThrow('ELOOP');
  });
});
