import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCredential } from './credential-file.ts';

let folder = '';
let given = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-credential-'));
  given = join(folder, 'credentials');
  mkdirSync(given);
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(path: string): ReturnType<typeof readCredential> {
  return readCredential(path, { folder, env: { CREDENTIALS_DIRECTORY: given } });
}

describe('readCredential', () => {
  it('takes a credential that systemd hands over, whatever its mode', async () => {
    writeFileSync(join(given, 'token'), 'canary');
    chmodSync(join(given, 'token'), 0o444);
    const expected = { path: join(given, 'token'), reading: { value: 'canary' } };
    expect(await read('token')).toEqual(expected);
    expect(await read(join(given, 'token'))).toEqual(expected);
  });

  it('prefers the file beside the configuration, and falls back only where there is none', async () => {
    writeFileSync(join(given, 'token'), 'given');
    writeFileSync(join(folder, 'token'), 'beside', { mode: 0o600 });
    expect((await read('token')).reading).toEqual({ value: 'beside' });
    chmodSync(join(folder, 'token'), 0o644);
    expect((await read('token')).reading).toHaveProperty('problem');
  });

  it('takes only plain names from there', async () => {
    writeFileSync(join(given, 'token'), 'canary');
    for (const path of ['./token', 'x/token', '..', 'none'])
      expect((await read(path)).reading).toHaveProperty('problem');
  });

  it.each([0o640, 0o604, 0o620, 0o777])('refuses a file of mode %o with the chmod to run', async (mode) => {
    const path = join(folder, "it's");
    writeFileSync(path, 'canary');
    chmodSync(path, mode);
    expect((await read("it's")).reading).toEqual({
      problem: `This file holds secrets, and others may use it (mode ${mode.toString(8).padStart(4, '0')}).`,
      hint: String.raw`Run: chmod 600 '${folder}/it'\''s'`,
    });
    chmodSync(path, 0o600);
    expect((await read("it's")).reading).toEqual({ value: 'canary' });
  });
});
