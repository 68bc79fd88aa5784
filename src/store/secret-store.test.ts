import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SecretStore } from './secret-store.ts';
import { VaultError } from './vault.ts';

const CANARY = 'c4n4ry-5t0r3';

let root = '';
let folder = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sallyport-secrets-'));
  folder = join(root, 'secrets');
});
afterEach(() => rmSync(root, { recursive: true }));

describe('SecretStore', () => {
  it('keeps, changes and forgets', async () => {
    const store = new SecretStore(folder);
    expect(await store.read('a')).toBeUndefined();
    expect(readdirSync(root)).toEqual([]);
    expect(await store.set('a', CANARY)).toBe(false);
    expect(await store.set('b', 'two\nlines')).toBe(false);
    expect(await new SecretStore(folder).read('a')).toBe(CANARY);
    expect(await store.set('a', 'other')).toBe(true);
    expect(await store.read('a')).toBe('other');
    expect(await store.read('b')).toBe('two\nlines');
    expect(await store.remove('a')).toBe(true);
    expect(await store.remove('a')).toBe(false);
    expect((await store.list()).map(({ name }) => name)).toEqual(['b']);
  });

  it('lists names and dates, in order, and no value', async () => {
    const store = new SecretStore(folder);
    await store.set('b', CANARY);
    await store.set('__proto__', CANARY);
    const list = await store.list();
    expect(list.map((each) => Object.keys(each))).toEqual([
      ['name', 'createdAt', 'changedAt'],
      ['name', 'createdAt', 'changedAt'],
    ]);
    expect(list.map(({ name }) => name)).toEqual(['__proto__', 'b']);
    expect(JSON.stringify(list)).not.toContain(CANARY);
  });

  it('writes neither values nor names in the clear, and files for their owner alone', async () => {
    await new SecretStore(folder).set('very-telling-name', CANARY);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const files = readdirSync(folder);
    expect(files.toSorted()).toEqual(['key', 'secrets.sealed']);
    for (const file of files) {
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
      const bytes = readFileSync(join(folder, file));
      expect(bytes.includes(CANARY)).toBe(false);
      expect(bytes.includes('very-telling-name')).toBe(false);
    }
  });

  it('loses nothing when several set at once', async () => {
    const names = Array.from({ length: 12 }, (_unused, index) => `s${index}`);
    await Promise.all(names.map((name) => new SecretStore(folder).set(name, name)));
    expect((await new SecretStore(folder).list()).map(({ name }) => name)).toEqual(names.toSorted());
  });

  it.each(['key', 'secrets.sealed'])('refuses a %s that others may read, with the chmod', async (file) => {
    await new SecretStore(folder).set('a', CANARY);
    chmodSync(join(folder, file), 0o640);
    const refused = new SecretStore(folder).read('a');
    await expect(refused).rejects.toThrow(VaultError);
    await expect(refused).rejects.toThrow(`chmod 600 '${join(folder, file)}'`);
  });

  it.each(['key', 'secrets.sealed'])('refuses a %s that is a link', async (file) => {
    await new SecretStore(folder).set('a', CANARY);
    renameSync(join(folder, file), join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), join(folder, file));
    await expect(new SecretStore(folder).read('a')).rejects.toThrow('is a symbolic link');
  });

  it('refuses what was changed, in any byte, and says what to do', async () => {
    const store = new SecretStore(folder);
    await store.set('a', CANARY);
    const sealed = readFileSync(store.file);
    for (const at of [0, 15, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      writeFileSync(store.file, changed);
      await expect(new SecretStore(folder).read('a')).rejects.toThrow('set the secrets again');
    }
    writeFileSync(store.file, sealed.subarray(0, 20));
    await expect(new SecretStore(folder).read('a')).rejects.toThrow('it was changed');
  });

  it('refuses another key', async () => {
    await new SecretStore(folder).set('a', CANARY);
    writeFileSync(join(folder, 'key'), Buffer.alloc(32), { mode: 0o600 });
    await expect(new SecretStore(folder).read('a')).rejects.toThrow('it was changed');
    writeFileSync(join(folder, 'key'), 'short');
    await expect(new SecretStore(folder).read('a')).rejects.toThrow('is no key');
  });
});
