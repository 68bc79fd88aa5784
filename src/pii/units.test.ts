import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Units } from './units.ts';

describe('the units of a text', () => {
  it('are those of the text, however long it is', () => {
    for (const text of ['', 'a', '홍길동', '😀x', '.'.repeat(32 * 1024), `${'-'.repeat(32 * 1024)}끝`]) {
      const { single } = Units.of(text);
      expect(Buffer.from(single.buffer, 0, 2 * text.length).toString('utf16le')).toBe(text);
    }
  });
});

describe('the end of a row', () => {
  it('is where another unit stands, or the text ends', () => {
    const units = fc.constantFrom('.', '-', '\u0000', '\u8000', '\uffff', '홍');
    const rows = fc.array(fc.tuple(units, fc.integer({ min: 1, max: 9 })), { minLength: 1 });
    fc.assert(
      fc.property(rows, units, fc.integer({ min: 1, max: 40 }), (some, behind, at) => {
        const text = some.map(([unit, times]) => unit.repeat(times)).join('');
        const start = Math.min(at, text.length);
        // What was there before goes on where the text ends.
        Units.of(text + behind.repeat(9));
        let end = start;
        while (end < text.length && text[end] === text[start - 1]) end += 1;
        expect(Units.of(text).endOfRow(start, text.length)).toBe(end);
      }),
      { numRuns: 2000 },
    );
  });
});
