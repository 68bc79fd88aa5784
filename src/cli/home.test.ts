import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPrivate, findHome, homePath, openHome } from './home.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-home-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const mode = (path: string): number => statSync(path).mode & 0o777;

describe('homePath', () => {
  it.each<[NodeJS.ProcessEnv, NodeJS.Platform, string]>([
    [{ HOME: '/home/ann' }, 'linux', '/home/ann/.local/share/sallyport'],
    [{ HOME: '/home/ann', XDG_DATA_HOME: '/data' }, 'linux', '/data/sallyport'],
    [{ HOME: '/home/ann', XDG_DATA_HOME: 'relative' }, 'linux', '/home/ann/.local/share/sallyport'],
    [
      { HOME: '/Users/ann', XDG_DATA_HOME: '/data' },
      'darwin',
      '/Users/ann/Library/Application Support/sallyport',
    ],
    [{ LOCALAPPDATA: '/c/Local' }, 'win32', '/c/Local/sallyport'],
    [{ HOME: '/home/ann', SALLYPORT_HOME: '/srv/gate' }, 'linux', '/srv/gate'],
    [{ HOME: '/home/ann', SALLYPORT_HOME: '' }, 'linux', '/home/ann/.local/share/sallyport'],
  ])('%o on %s is %s', (env, platform, expected) => {
    expect(homePath(env, platform)).toBe(expected);
  });

  it('is absolute, so that it stays the same when the folder is changed', () => {
    expect(homePath({ SALLYPORT_HOME: 'state' })).toBe(join(process.cwd(), 'state'));
  });
});

describe('openHome', () => {
  it('makes a folder that is its owner’s alone, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      const home = await openHome(join(folder, 'a', 'home'));
      expect(mode(home)).toBe(0o700);
    } finally {
      process.umask(before);
    }
  });

  it('closes an empty folder that was made for it', async () => {
    const home = join(folder, 'made');
    mkdirSync(home);
    chmodSync(home, 0o755);
    await openHome(home);
    expect(mode(home)).toBe(0o700);
  });

  it('refuses a folder with things in it that others may use, and says what to run', async () => {
    const home = join(folder, 'shared');
    mkdirSync(home);
    writeFileSync(join(home, 'token'), '');
    chmodSync(home, 0o750);
    await expect(openHome(home)).rejects.toMatchObject({
      message: `others may use ${home} (mode 0750)`,
      advice: [`chmod go= '${home}'`],
      exitCode: 1,
    });
    expect(mode(home)).toBe(0o750);
  });

  it('refuses a link and a file', async () => {
    const link = join(folder, 'link');
    symlinkSync(folder, link);
    await expect(openHome(link)).rejects.toThrow('is a symbolic link');
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(openHome(file)).rejects.toThrow('is not a folder');
  });

  it('says where a folder cannot be made', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(openHome(join(file, 'home'))).rejects.toThrow(/cannot make the folder .*ENOTDIR/);
  });
});

describe('findHome', () => {
  it('makes nothing', async () => {
    await expect(findHome(join(folder, 'none'))).resolves.toBe(false);
    await expect(findHome(folder)).resolves.toBe(true);
    chmodSync(folder, 0o755);
    await expect(findHome(folder)).rejects.toThrow('others may use');
  });
});

describe('checkPrivate', () => {
  it('refuses what belongs to somebody else', () => {
    const uid = (process.getuid?.() ?? 0) + 1;
    expect(() => checkPrivate('/there', { mode: 0o100600, uid })).toThrow('/there belongs to another user');
  });
});
