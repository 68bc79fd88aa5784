import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../core/json.ts';
import { rewriteTexts } from './json.ts';

describe('a JSON value', () => {
  it('that nothing changes in stays the very same one', () => {
    const value = { a: ['x', 1, null, true, { b: 'y' }] };
    expect(rewriteTexts(value, (text) => text)).toBe(value);
  });

  it('has every text seen with its key, long numbers and keys as well', () => {
    const seen: [string, string | undefined][] = [];
    const value = {
      주민번호: 'a',
      list: ['b', { deep: 'c' }],
      card: 4_111_111_111_111_111,
      small: 12,
      no: null,
    };
    rewriteTexts(value, (text, key) => {
      seen.push([text, key]);
      return text;
    });
    expect(new Map(seen)).toEqual(
      new Map([
        ['주민번호', undefined],
        ['a', '주민번호'],
        ['list', undefined],
        ['b', 'list'],
        ['deep', undefined],
        ['c', 'deep'],
        ['card', undefined],
        ['4111111111111111', 'card'],
        ['small', undefined],
        ['no', undefined],
      ]),
    );
  });

  it('is copied where something changes, and the original left alone', () => {
    const value = { a: ['x', { b: 'secret' }], n: 123_456_789_012 };
    const changed = rewriteTexts(value, (text) => (text === 'secret' || /^\d+$/.test(text) ? '*' : text));
    expect(changed).toEqual({ a: ['x', { b: '*' }], n: '*' });
    expect(value.a[1]).toEqual({ b: 'secret' });
  });

  it('may have keys like __proto__, and keys that become one', () => {
    const value = JSON.parse('{"__proto__":{"x":"s"},"s1":1,"s2":2}') as JsonValue;
    const changed = rewriteTexts(value, (text) => text.replace(/^s\d?/, 'm'));
    expect(JSON.stringify(changed)).toBe('{"__proto__":{"x":"m"},"m":1,"m (2)":2}');
    expect(Object.getPrototypeOf(changed)).toBe(Object.prototype);
  });

  it('may be nested deeper than the stack is', () => {
    let value: JsonValue = 'deep';
    for (let i = 0; i < 200_000; i++) value = i % 2 === 0 ? [value] : { a: value };
    let seen = 0;
    rewriteTexts(value, (text) => {
      if (text === 'deep') seen += 1;
      return text === 'deep' ? 'x' : text;
    });
    expect(seen).toBe(1);
  });
});
