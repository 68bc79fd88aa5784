import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEEPEST, isTooDeep } from './nesting.ts';

const tooDeep = (json: string): boolean => isTooDeep(Buffer.from(json));
const array = (depth: number, inside = ''): string => '['.repeat(depth) + inside + ']'.repeat(depth);
const object = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

/** A text that is looked through to the end: so many levels around another text, behind many brackets. */
const wrap = (json: string, depth: number): string => `[${'[],{},'.repeat(DEEPEST)}${array(depth, json)}]`;

/** How deep a value is, counted the other way. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('a text', () => {
  it.each([
    ['the deepest arrays there may be', array(DEEPEST)],
    ['the deepest objects', object(DEEPEST)],
    ['nothing at all', ''],
    ['a great many brackets side by side', `[${'[],{},'.repeat(10_000)}1]`],
    ['brackets in a string', JSON.stringify({ text: '[{'.repeat(10_000) + ']}'.repeat(10_000) })],
    ['brackets behind an escaped quote', `["\\"${'['.repeat(1000)}", ${'[],'.repeat(1000)}1]`],
    ['brackets behind a backslash at the end of a string', `["\\\\", ${'[],'.repeat(1000)}1]`],
    ['a string without end', `"${'['.repeat(1000)}${']'.repeat(1000)}`],
  ])('with %s is not too deep', (_title, json) => {
    expect(tooDeep(json)).toBe(false);
  });

  it.each([
    ['an array more', array(DEEPEST + 1)],
    ['an object more', object(DEEPEST + 1)],
    ['both in turn', '[{"a":'.repeat(DEEPEST / 2 + 1) + '1' + '}]'.repeat(DEEPEST / 2 + 1)],
    ['fifty thousand', array(50_000)],
    ['blanks between them', '[ \n'.repeat(DEEPEST + 1) + ' ]'.repeat(DEEPEST + 1)],
    ['a deep place far behind', `[${'[],{"a":"]"},'.repeat(5000)}${array(DEEPEST)}]`],
    ['strings with quotes before it', `["\\"","\\\\\\"","\\\\",${array(DEEPEST)}]`],
    ['many characters that are none of ASCII', array(DEEPEST + 1, '"이름 😀"')],
  ])('with %s is too deep', (_title, json) => {
    expect(tooDeep(json)).toBe(true);
  });

  it('of any JSON is judged as the value is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: DEEPEST - 12, max: DEEPEST }), (value, depth) => {
        const json = wrap(JSON.stringify(value), depth);
        expect(tooDeep(json)).toBe(1 + depth + depthOf(value) > DEEPEST);
      }),
      { numRuns: 500 },
    );
  });

  it('that is not too deep can be written again', () => {
    for (const json of [array(DEEPEST), object(DEEPEST)]) expect(JSON.stringify(JSON.parse(json))).toBe(json);
  });
});
