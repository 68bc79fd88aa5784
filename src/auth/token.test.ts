import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Gate } from './gate.ts';
import { ownToken } from './token.ts';

const TOKEN = 'sp_7Qm2xV9kLr4tYw8zAb3cDe5fGh6jKn1p-_~.+/=';
const OWNER = { id: 'token:default', via: 'token' };

/** A door that asks for this token. */
function doorOf(token: string) {
  const gate = new Gate({ checks: [ownToken(token)] });
  return async (authorization: string) => {
    const verdict = gate.recall(authorization) ?? (await gate.check(authorization));
    return 'principal' in verdict ? verdict.principal : undefined;
  };
}

describe('the token of the gateway', () => {
  const door = doorOf(TOKEN);

  it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('opens the door after %s', async (scheme) => {
    expect(await door(`${scheme} ${TOKEN}`)).toEqual(OWNER);
  });

  it.each([` ${TOKEN}`, `${TOKEN} `, `  ${TOKEN}  `, `${TOKEN}\t`])(
    'opens it with blanks around: %j',
    async (padded) => {
      expect(await door(`Bearer ${padded}`)).toEqual(OWNER);
    },
  );

  it('always means the same principal', async () => {
    expect(await door(`Bearer ${TOKEN}`)).toBe(await door(`bearer ${TOKEN} `));
  });

  it.each([
    ['an empty header', ''],
    ['a blank', ' '],
    ['the scheme alone', 'Bearer'],
    ['the scheme and blanks', 'Bearer    '],
    ['the token alone', TOKEN],
    ['another scheme', `Basic ${TOKEN}`],
    ['a scheme that begins like it', `BearerX ${TOKEN}`],
    ['the scheme without a blank', `Bearer${TOKEN}`],
    ['a tab for the blank', `Bearer\t${TOKEN}`],
    ['a colon for the blank', `Bearer:${TOKEN}`],
    ['a blank before the scheme', ` Bearer ${TOKEN}`],
    ['the scheme twice', `Bearer Bearer ${TOKEN}`],
    ['two tokens', `Bearer ${TOKEN} ${TOKEN}`],
    ['a list with it first', `Bearer ${TOKEN}, Bearer x`],
    ['a list with it last', `Bearer x, Bearer ${TOKEN}`],
    ['it as a parameter', `Bearer token="${TOKEN}"`],
    ['it in quotes', `Bearer "${TOKEN}"`],
    ['another case', `Bearer ${TOKEN.toLowerCase()}`],
    ['its beginning', `Bearer ${TOKEN.slice(0, -1)}`],
    ['its end', `Bearer ${TOKEN.slice(1)}`],
    ['more than it', `Bearer ${TOKEN}x`],
    ['it and a NUL', `Bearer ${TOKEN}\0`],
    ['a blank within it', `Bearer ${TOKEN.slice(0, 9)} ${TOKEN.slice(9)}`],
    ['it in base64', `Bearer ${Buffer.from(TOKEN).toString('base64')}`],
    ['it percent-encoded', `Bearer ${encodeURIComponent(TOKEN)}`],
    ['its hash', `Bearer ${crypto.hash('sha256', TOKEN)}`],
    ['a name of an object', 'Bearer __proto__'],
    ['undefined as a word', 'Bearer undefined'],
    ['a lot', `Bearer ${'x'.repeat(100_000)}`],
    ['it behind a lot of blanks', `Bearer ${' '.repeat(10_000)}${TOKEN}`],
  ])('is not %s', async (_title, header) => {
    expect(await door(header)).toBeUndefined();
  });

  it('of one gateway does not open another', async () => {
    expect(await doorOf('other')(`Bearer ${TOKEN}`)).toBeUndefined();
  });
});

describe('threat 30: the comparison', () => {
  // Whoever imports it sees what stands in for it, once Node is told.
  beforeEach(() => {
    vi.spyOn(crypto, 'timingSafeEqual');
    syncBuiltinESMExports();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });

  it.each(['', TOKEN.slice(0, -1), 'x', 'x'.repeat(8000), TOKEN])(
    'takes the same time whatever is presented: equal lengths, compared to the end (%#)',
    async (presented) => {
      await doorOf(TOKEN)(`Bearer .${presented}`);
      expect(crypto.timingSafeEqual).toHaveBeenCalledTimes(1);
      const [left, right] = vi.mocked(crypto.timingSafeEqual).mock.calls[0] ?? [];
      expect([left?.byteLength, right?.byteLength]).toEqual([32, 32]);
    },
  );

  it('is never of the token itself', async () => {
    const source = readFileSync(new URL('./token.ts', import.meta.url), 'utf8');
    const comparedWith = [...source.matchAll(/[!=]==?\s+([^\s;)]+)/g)].map((match) => match[1]);
    // The last two: equal lengths, and no difference anywhere, both within the comparison in constant time.
    expect(new Set(comparedWith)).toEqual(new Set(["'bearer", "''", 'b.length', '0']));
    await doorOf(TOKEN)(`Bearer ${TOKEN}`);
    for (const side of vi.mocked(crypto.timingSafeEqual).mock.calls.flat())
      expect(Buffer.from(side as Uint8Array).toString()).not.toContain(TOKEN.slice(0, 8));
  });
});
