import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newToken, openToken, readToken, tokenPath } from './token.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sallyport-token-'));
});
afterEach(() => rmSync(home, { recursive: true }));

describe('newToken', () => {
  it('has 256 bits behind its prefix, and never the same ones', () => {
    const tokens = Array.from({ length: 100 }, newToken);
    for (const token of tokens) {
      expect(token).toMatch(/^sp_[A-Za-z0-9_-]{43}$/);
      expect(Buffer.from(token.slice(3), 'base64url')).toHaveLength(32);
    }
    expect(new Set(tokens).size).toBe(100);
  });
});

describe('openToken', () => {
  it('makes one at the first start, readable by its owner alone, and keeps it', async () => {
    const before = process.umask(0);
    try {
      const token = await openToken(home);
      expect(statSync(tokenPath(home)).mode & 0o777).toBe(0o600);
      expect(readFileSync(tokenPath(home), 'utf8')).toBe(`${token}\n`);
      await expect(openToken(home)).resolves.toBe(token);
      await expect(readToken(home)).resolves.toBe(token);
    } finally {
      process.umask(before);
    }
  });

  it('is one for two first starts at the same time', async () => {
    const tokens = await Promise.all(Array.from({ length: 8 }, () => openToken(home)));
    expect(new Set(tokens).size).toBe(1);
  });

  it('refuses a file that others may read, with the chmod to run, and does not print it', async () => {
    const token = await openToken(home);
    chmodSync(tokenPath(home), 0o644);
    const error = await openToken(home).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: `others may use ${tokenPath(home)} (mode 0644)`,
      advice: [`chmod go= '${tokenPath(home)}'`],
    });
    expect(JSON.stringify(error)).not.toContain(token);
  });

  it('refuses a link, even to a good file', async () => {
    const elsewhere = join(home, 'elsewhere');
    writeFileSync(elsewhere, `${newToken()}\n`, { mode: 0o600 });
    symlinkSync(elsewhere, tokenPath(home));
    await expect(openToken(home)).rejects.toThrow('is a symbolic link');
  });

  it.each(['', 'hunter2', `${newToken()}x`, `${newToken()}\n${newToken()}`])(
    'refuses what is no token: %j',
    async (text) => {
      writeFileSync(tokenPath(home), text, { mode: 0o600 });
      await expect(openToken(home)).rejects.toThrow('does not hold a token');
    },
  );
});

describe('readToken', () => {
  it('is null before the first start', async () => {
    await expect(readToken(home)).resolves.toBeNull();
  });
});
