import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { createPrivate, readPrivate } from './private-file.ts';

/** 256 random bits in base64url behind a prefix by which secret scanners and people know it. */
const TOKEN = /^sp_[\w-]{43}$/;

export function newToken(): string {
  return `sp_${randomBytes(32).toString('base64url')}`;
}

export function tokenPath(home: string): string {
  return join(home, 'token');
}

/** The token of this home, or null before the first start. */
export async function readToken(home: string): Promise<string | null> {
  const path = tokenPath(home);
  const text = await readPrivate(path);
  if (text === null) return null;
  const token = text.trim();
  if (!TOKEN.test(token)) {
    throw new Failure(EXIT.FAILED, `${path} does not hold a token of Sallyport`, [
      `rm '${path}'   (the next start makes a new one; the clients then need it)`,
    ]);
  }
  return token;
}

/** The token of this home; made at the first start. Two first starts at once agree on one. */
export async function openToken(home: string): Promise<string> {
  const token = newToken();
  if (await createPrivate(tokenPath(home), `${token}\n`)) return token;
  const kept = await readToken(home).catch(async () => {
    // Another first start may be between making the file and writing it.
    await sleep(100);
    return readToken(home);
  });
  return kept ?? openToken(home);
}
