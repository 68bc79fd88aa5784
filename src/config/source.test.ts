import { describe, expect, it } from 'vitest';
import { Source } from './source.ts';

describe('Source', () => {
  const source = new Source('a.yaml', 'one\r\ntwo\n\n사과 x');

  it.each([
    [0, 1, 1],
    [2, 1, 3],
    [5, 2, 1],
    [8, 2, 4],
    [9, 3, 1],
    [10, 4, 1],
    [13, 4, 4],
    [99, 4, 90],
  ])('finds offset %i at %i:%i', (offset, line, column) => {
    expect(source.position(offset)).toEqual({ line, column });
  });

  it('gives lines without their breaks', () => {
    expect([1, 2, 3, 4, 5].map((line) => source.line(line))).toEqual(['one', 'two', '', '사과 x', '']);
  });

  it('finds its way in an empty file', () => {
    expect(new Source('a', '').position(0)).toEqual({ line: 1, column: 1 });
  });
});
