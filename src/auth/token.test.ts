import * as crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { challenge, openDoor, tokenDoor } from './token.ts';

vi.mock(import('node:crypto'), async (original) => {
  const real = await original();
  return { ...real, timingSafeEqual: vi.fn(real.timingSafeEqual) };
});

const TOKEN = 'sp_7Qm2xV9kLr4tYw8zAb3cDe5fGh6jKn1p-_~.+/=';
const OWNER = { id: 'token:default', via: 'token' };

describe('the token of the gateway', () => {
  const door = tokenDoor(TOKEN);

  it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('opens the door after %s', (scheme) => {
    expect(door(`${scheme} ${TOKEN}`)).toEqual(OWNER);
  });

  it.each([` ${TOKEN}`, `${TOKEN} `, `  ${TOKEN}  `, `${TOKEN}\t`])(
    'opens it with blanks around: %j',
    (padded) => {
      expect(door(`Bearer ${padded}`)).toEqual(OWNER);
    },
  );

  it('always means the same principal', () => {
    expect(door(`Bearer ${TOKEN}`)).toBe(door(`bearer ${TOKEN} `));
  });

  it.each([
    ['nothing', undefined],
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
  ])('is not %s', (_title, header) => {
    expect(door(header)).toBeUndefined();
  });

  it('of one gateway does not open another', () => {
    expect(tokenDoor('other')(`Bearer ${TOKEN}`)).toBeUndefined();
  });
});

describe('the comparison', () => {
  beforeEach(() => {
    vi.mocked(crypto.timingSafeEqual).mockClear();
  });

  it.each(['', TOKEN.slice(0, -1), 'x', 'x'.repeat(8000), TOKEN])(
    'takes the same time whatever is presented: equal lengths, compared to the end (%#)',
    (presented) => {
      tokenDoor(TOKEN)(`Bearer .${presented}`);
      expect(crypto.timingSafeEqual).toHaveBeenCalledTimes(1);
      const [left, right] = vi.mocked(crypto.timingSafeEqual).mock.calls[0] ?? [];
      expect([left?.byteLength, right?.byteLength]).toEqual([32, 32]);
    },
  );

  it('is never of the token itself', () => {
    const source = readFileSync(new URL('./token.ts', import.meta.url), 'utf8');
    const comparedWith = [...source.matchAll(/[!=]==?\s+([^\s;)]+)/g)].map((match) => match[1]);
    // The last two: equal lengths, and no difference anywhere, both within the comparison in constant time.
    expect(new Set(comparedWith)).toEqual(new Set(['undefined', "'bearer", "''", 'b.length', '0']));
    tokenDoor(TOKEN)(`Bearer ${TOKEN}`);
    for (const side of vi.mocked(crypto.timingSafeEqual).mock.calls.flat())
      expect(Buffer.from(side as Uint8Array).toString()).not.toContain(TOKEN.slice(0, 8));
  });
});

describe('an open door', () => {
  it.each([undefined, '', 'Bearer x', 'nonsense'])('lets everybody in as the same nobody: %j', (header) => {
    expect(openDoor(header)).toEqual({ id: 'anybody', via: 'none' });
  });

  it('is nobody who has a token', () => {
    expect(openDoor(undefined)?.id).not.toBe(OWNER.id);
  });
});

describe('the challenge', () => {
  it('names no error to who has not tried (RFC 6750, 3.1)', () => {
    expect(challenge(undefined)).toBe('Bearer realm="sallyport"');
  });

  it.each(['', 'Bearer x', 'Basic x', `Bearer ${TOKEN.slice(1)}`])(
    'says that the token is not valid: %j',
    (header) => {
      expect(challenge(header)).toBe('Bearer realm="sallyport", error="invalid_token"');
    },
  );

  it('repeats nothing of what was presented', () => {
    expect(challenge('Bearer canary"\r\nX: y')).not.toMatch(/canary|\r|\n/);
  });
});
