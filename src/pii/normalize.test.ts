import { describe, expect, it } from 'vitest';
import { normalize } from './normalize.ts';

/** What `part` of the text as read was in the text as written. */
function origin(original: string, part: string): string {
  const read = normalize(original);
  const at = read.text.indexOf(part);
  expect(at, `${part} in ${read.text}`).toBeGreaterThanOrEqual(0);
  return original.slice(read.startOf(at), read.endOf(at + part.length));
}

describe('a text as the recognisers read it', () => {
  it.each([
    ['full width', 'a０１０b', '010', '０１０'],
    ['zero width inside', 'x1\u200b2\u2060y', '12', '1\u200b2'],
    ['zero width around', '\u200b12\u200b', '12', '12'],
    ['dashes', '1–2−3', '1-2-3', '1–2−3'],
    ['a middle dot', '1·2', '1.2', '1·2'],
    ['decomposed Hangul', 'a\u1112\u1169\u11bcb', '홍', '\u1112\u1169\u11bc'],
    ['a combining accent', 'cafe\u0301 1', 'café', 'cafe\u0301'],
    ['styled digits of two units', 'a𝟎𝟏b', '01', '𝟎𝟏'],
    ['one unit that reads as three', 'a…b', '...', '…'],
    ['what follows a change', '０ kim', 'kim', 'kim'],
    ['tags', 'a\u{e0041}b', 'ab', 'a\u{e0041}b'],
    ['a no-break space', '01\u00a002', '01 02', '01\u00a002'],
  ])('leads back from %s', (_title, original, part, written) => {
    expect(origin(original, part)).toBe(written);
  });

  it('keeps the single letters of chats', () => {
    expect(normalize('０ ㅋㅋ ㅠㅠ').text).toBe('0 ㅋㅋ ㅠㅠ');
  });

  it('survives halves of pairs', () => {
    expect(normalize('\ud835 ０ \udc00').text).toBe('\ud835 0 \udc00');
  });
});
