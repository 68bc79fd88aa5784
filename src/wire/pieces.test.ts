import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pieces } from './pieces.ts';

const chunks = fc.array(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 50 },
);

describe('Pieces', () => {
  it('gives back what was put in, without the first bytes where they are not wanted', () => {
    fc.assert(
      fc.property(chunks, fc.nat({ max: 300 }), (parts, skipped) => {
        const pieces = new Pieces();
        for (const part of parts) pieces.add(part);
        const all = Buffer.concat(parts);
        expect(pieces.size).toBe(all.length);
        expect(pieces.head(20)).toBe(all.toString('latin1', 0, 20));
        expect(Buffer.concat(pieces.take(skipped))).toEqual(all.subarray(skipped));
        expect(pieces.size).toBe(0);
        expect(pieces.take()).toEqual([]);
      }),
    );
  });

  it('does not copy large pieces', () => {
    const pieces = new Pieces();
    const part = Buffer.alloc(5000, 'a');
    pieces.add(part);
    expect(pieces.take()[0]?.buffer).toBe(part.buffer);
  });

  it('puts crumbs together, so that a byte does not cost a Buffer', () => {
    const pieces = new Pieces();
    for (let i = 0; i < 100_000; i++) pieces.add(Buffer.from('x'));
    const parts = pieces.take();
    expect(Buffer.concat(parts)).toHaveLength(100_000);
    expect(parts.length).toBeLessThan(1000);
  });
});
