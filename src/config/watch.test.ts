import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from './load.ts';
import { ConfigWatcher, type Reload, type WatchOptions } from './watch.ts';

const SETTLE_MS = 30;

let folder: string;
let file: string;
let watcher: ConfigWatcher | undefined;
let reloads: Reload[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-watch-'));
  file = join(folder, 'sallyport.yaml');
  reloads = [];
});
afterEach(() => {
  watcher?.close();
  watcher = undefined;
  rmSync(folder, { recursive: true });
});

const config = (command: string): string => `mcpServers: {a: {command: ${command}}}\n`;

async function watch(text: string, options: Partial<WatchOptions> = {}): Promise<ConfigWatcher> {
  writeFileSync(file, text);
  const env = {};
  const { sources } = await loadConfig(file, { env });
  watcher = new ConfigWatcher({
    file,
    env,
    sources,
    settleMs: SETTLE_MS,
    onChange: (reload) => reloads.push(reload),
    ...options,
  });
  await watcher.settled();
  return watcher;
}

/** What the reloads came to: the command of the first server, or the first mistake. */
const results = (): unknown[] =>
  reloads.map((reload) => {
    if ('error' in reload) return reload.error.diagnostics[0]?.message;
    const [server] = reload.loaded.config.servers;
    return server?.kind === 'stdio' ? server.command : server?.name;
  });

const until = (expected: unknown[]): Promise<void> =>
  vi.waitFor(() => expect(results()).toEqual(expected), { timeout: 5000, interval: 10 });

/** Long enough for a change to have been noticed. */
const quiet = (): Promise<void> => sleep(SETTLE_MS * 6);

describe('ConfigWatcher', () => {
  it('notices a file that is written anew', async () => {
    await watch(config('one'));
    writeFileSync(file, config('two'));
    await until(['two']);
    writeFileSync(file, config('three'));
    await until(['two', 'three']);
  });

  it('notices a file that is renamed into place, time and again', async () => {
    await watch(config('one'));
    for (const command of ['two', 'three', 'four']) {
      writeFileSync(`${file}.tmp`, config(command));
      renameSync(`${file}.tmp`, file);
      await vi.waitFor(() => expect(results().at(-1)).toBe(command), { timeout: 5000 });
    }
    expect(results()).toEqual(['two', 'three', 'four']);
  });

  it('takes the steps of one saving for one change', async () => {
    await watch(config('one'));
    writeFileSync(file, '');
    writeFileSync(file, 'mcpServers: {a: ');
    writeFileSync(file, config('two'));
    await until(['two']);
    await quiet();
    expect(results()).toEqual(['two']);
  });

  it('tells of mistakes, and of their end', async () => {
    await watch(config('one'));
    writeFileSync(file, 'mcpServers: {a: {comand: x}}');
    await until(['There is no key "comand" here.']);
    unlinkSync(file);
    await until(['There is no key "comand" here.', 'There is no such file.']);
    writeFileSync(file, config('two'));
    await until(['There is no key "comand" here.', 'There is no such file.', 'two']);
  });

  it('notices the files that values come from, also new ones and ones that were missing', async () => {
    mkdirSync(join(folder, 'secrets'));
    writeFileSync(join(folder, 'secrets', 'command'), 'one', { mode: 0o600 });
    await watch(config('"${file:secrets/command}"'));
    writeFileSync(join(folder, 'secrets', 'command'), 'two\n');
    await until(['two']);

    mkdirSync(join(folder, 'other'));
    writeFileSync(file, config('"${file:other/command}"'));
    await until(['two', '"other/command": There is no such file.']);
    writeFileSync(join(folder, 'other', 'command'), 'three', { mode: 0o600 });
    await until(['two', '"other/command": There is no such file.', 'three']);

    writeFileSync(join(folder, 'secrets', 'command'), 'nobody looks here any more');
    await quiet();
    expect(reloads).toHaveLength(3);
  });

  it('notices what happens behind a link, as with a ConfigMap of Kubernetes', async () => {
    for (const version of ['v1', 'v2']) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'sallyport.yaml'), config(version));
    }
    symlinkSync('v1', join(folder, '..data'));
    file = join(folder, 'linked.yaml');
    symlinkSync(join('..data', 'sallyport.yaml'), file);
    const { sources } = await loadConfig(file, { env: {} });
    watcher = new ConfigWatcher({
      file,
      env: {},
      sources,
      settleMs: SETTLE_MS,
      onChange: (reload) => reloads.push(reload),
    });
    await watcher.settled();
    symlinkSync('v2', join(folder, '..tmp'));
    renameSync(join(folder, '..tmp'), join(folder, '..data'));
    await until(['v2']);
    writeFileSync(join(folder, 'v2', 'sallyport.yaml'), config('v3'));
    await until(['v2', 'v3']);
  });

  it('leaves alone what has nothing to do with it, and what did not change', async () => {
    await watch(config('one'));
    writeFileSync(join(folder, 'neighbour.yaml'), 'x');
    writeFileSync(`${file}.swp`, 'x');
    await quiet();
    expect(reloads).toEqual([]);
  });

  it('looks from time to time, where the system tells nothing', async () => {
    // What the system tells would count after a quarter of an hour only.
    await watch(config('one'), { lookMs: 50, settleMs: 1_000_000 });
    writeFileSync(file, config('two'));
    await until(['two']);
  });

  it('reads at once when told to, changed or not', async () => {
    const watching = await watch(config('one'));
    await watching.reload();
    expect(results()).toEqual(['one']);
    writeFileSync(file, config('two'));
    await watching.reload();
    expect(results()).toEqual(['one', 'two']);
    await quiet();
    expect(results()).toEqual(['one', 'two']);
  });

  it('keeps the order when asked many times at once', async () => {
    const watching = await watch(config('one'));
    const all = Array.from({ length: 5 }, () => watching.reload());
    writeFileSync(file, config('two'));
    await Promise.all(all);
    await vi.waitFor(() => expect(results().at(-1)).toBe('two'), { timeout: 5000 });
  });

  it('says nothing after it was closed', async () => {
    const watching = await watch(config('one'), { lookMs: 20 });
    const reload = watching.reload();
    watching.close();
    await reload;
    writeFileSync(file, config('two'));
    await quiet();
    expect(reloads).toEqual([]);
  });
});
