import { array, assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matches, matchesAny } from './pattern.ts';

describe('a pattern', () => {
  it.each([
    ['read_*', 'read_file', true],
    ['read_*', 'read_', true],
    ['read_*', 'write_file', false],
    ['read_*', 'x_read_file', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['', '', true],
    ['', 'x', false],
    ['read', 'read', true],
    ['read', 'reader', false],
    ['read', 'READ', false],
    ['*_file', 'read_file', true],
    ['*_file', 'read_files', false],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'abcbc', true],
    ['a*b*c', 'acb', false],
    ['**', 'x', true],
    ['file:///srv/*', 'file:///srv/a/b', true],
    ['file:///srv/*', 'file:///srv', false],
    ['a.c', 'abc', false],
    ['a?c', 'abc', false],
    ['(a|b)', 'a', false],
    ['[a-z]', 'a', false],
  ])('%s, %s: %s', (pattern, text, fits) => {
    expect(matches(pattern, text)).toBe(fits);
  });

  it('means what the same regular expression means', () => {
    const letters = string({ unit: constantFrom('a', 'b', '.'), maxLength: 8 });
    const parts = array(letters, { minLength: 1, maxLength: 4 });
    assert(
      property(parts, letters, (words, text) => {
        const escaped = words.map((word) => word.replaceAll('.', String.raw`\.`));
        expect(matches(words.join('*'), text)).toBe(new RegExp(`^${escaped.join('.*')}$`).test(text));
      }),
    );
  });

  it('ends in good time, whatever somebody writes', () => {
    expect(matches(`${'*a'.repeat(200)}*b`, 'a'.repeat(20_000))).toBe(false);
  });

  it('is one of several', () => {
    expect([matchesAny(['a', 'b*'], 'bc'), matchesAny(['a', 'b*'], 'c'), matchesAny([], 'a')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
