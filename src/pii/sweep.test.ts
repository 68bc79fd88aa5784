import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Places } from './places.ts';
import { Sweep } from './sweep.ts';

const list = (places: Places): number[] => Array.from({ length: places.length }, (_, i) => places.at(i));
const placesOf = (pattern: RegExp, text: string): number[] =>
  [...text.matchAll(pattern)].map(({ index }) => index);
const runsOf = (pattern: RegExp, text: string): number[] =>
  [...text.matchAll(pattern)].flatMap(({ index, 0: run }) => [index, index + run.length]);

/** Words and rows as they stand in logs, tables and keys. */
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom('a', 'Zx', '_', '-', '.', '/', '~', '+', '7', '42', ' ', ',', '@', ':', '=', 'M', '님'),
    fc.tuple(fc.constantFrom('.', '-', '_', 'x', '7', ' ', '='), fc.integer({ min: 1, max: 40 })),
  ),
  { maxLength: 30 },
);

describe('the sweep over a text', () => {
  it('stops where something can begin, and nowhere else', () => {
    const sweep = new Sweep();
    fc.assert(
      fc.property(pieces, (some) => {
        const text = some
          .map((piece) => (typeof piece === 'string' ? piece : piece[0].repeat(piece[1])))
          .join('');
        expect(sweep.over(text)).toBe(true);
        expect(list(sweep.digits)).toEqual(runsOf(/[0-9]+/g, text));
        expect(list(sweep.longWords)).toEqual(runsOf(/[A-Za-z0-9_\-.+/~]{17,}/g, text));
        expect(list(sweep.at)).toEqual(placesOf(/@/g, text));
        expect(list(sweep.colon)).toEqual(placesOf(/[:=]/g, text));
        expect(list(sweep.plus)).toEqual(placesOf(/\+/g, text));
        expect(list(sweep.title)).toEqual(placesOf(/[MDPS]/g, text));
        expect(list(sweep.honorific)).toEqual(placesOf(/[님씨]/g, text));
        expect(sweep.isEmpty).toBe(!/[0-9@:=+MDPS님씨]|[A-Za-z0-9_\-.+/~]{17,}/.test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('says when a text has to be read in another form', () => {
    const sweep = new Sweep();
    expect(sweep.over('０１０')).toBe(false);
    expect(sweep.over(`${'.'.repeat(100)}\u200b`)).toBe(false);
    expect(sweep.over('０１０', 'normalized')).toBe(true);
  });
});
