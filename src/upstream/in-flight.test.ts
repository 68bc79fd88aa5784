import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InFlight } from './in-flight.ts';

const SLOTS = 65536;

/** What happens on a connection: a request, an answer to one of all ids ever given out, or the end of everything. */
const events = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant({ what: 'add' as const }) },
    { weight: 5, arbitrary: fc.nat().map((which) => ({ what: 'answer' as const, which })) },
    { weight: 1, arbitrary: fc.constant({ what: 'drain' as const }) },
  ),
  { maxLength: 200 },
);

describe('InFlight', () => {
  it('hands an answer to the call it was asked for, once, and never to a later one in its slot', () => {
    fc.assert(
      fc.property(events, (story) => {
        const inFlight = new InFlight<string>();
        const waiting = new Map<number, string>();
        const everGiven: number[] = [];
        for (const event of story) {
          if (event.what === 'add') {
            const entry = `call ${everGiven.length}`;
            const id = inFlight.add(entry) ?? -1;
            expect(everGiven).not.toContain(id);
            everGiven.push(id);
            waiting.set(id, entry);
          } else if (event.what === 'answer' && everGiven.length > 0) {
            const id = everGiven[event.which % everGiven.length] ?? -1;
            expect(inFlight.peek(id)).toBe(waiting.get(id));
            expect(inFlight.take(id)).toBe(waiting.get(id));
            waiting.delete(id);
            expect(inFlight.take(id)).toBeUndefined();
          } else if (event.what === 'drain') {
            expect(inFlight.drain().toSorted()).toEqual([...waiting.values()].toSorted());
            waiting.clear();
          }
          expect(inFlight.size).toBe(waiting.size);
          expect([...inFlight.entries()].toSorted()).toEqual([...waiting.values()].toSorted());
        }
      }),
      { numRuns: 300 },
    );
  });

  it('reaches nobody by an id that was never given out, however it looks', () => {
    const inFlight = new InFlight<string>();
    const id = inFlight.add('waits') ?? 0;
    const strangers = [
      0,
      -1,
      -id,
      id + 1,
      id - 1,
      id + 64,
      id + SLOTS,
      id + 0.5,
      Number.NaN,
      Infinity,
      2 ** 53,
      `${id}`,
      null,
      undefined,
      {},
      [id],
      'length',
      '__proto__',
    ];
    for (const stranger of strangers) {
      expect(inFlight.peek(stranger)).toBeUndefined();
      expect(inFlight.take(stranger)).toBeUndefined();
    }
    expect(inFlight.size).toBe(1);
    expect(inFlight.take(id)).toBe('waits');
  });

  it('gives out exact integers that differ from 0', () => {
    const inFlight = new InFlight<string>();
    for (let i = 0; i < 1000; i++)
      expect(inFlight.add('x')).toSatisfy((id) => Number.isSafeInteger(id) && id !== 0);
  });

  it('counts up, and leaves out what would meet a call that waits for long', () => {
    const inFlight = new InFlight<number>();
    const long = inFlight.add(-1) ?? 0;
    const ids: number[] = [];
    for (let i = 0; i < 10_000; i++) {
      const id = inFlight.add(i) ?? 0;
      ids.push(id);
      expect(inFlight.take(id)).toBe(i);
    }
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    // One in 64 was left out.
    expect(ids.at(-1)).toBeLessThan(10_200);
    expect(inFlight.peek(long)).toBe(-1);
  });

  it('takes 65536 calls at once and refuses the next, until one is answered', () => {
    const inFlight = new InFlight<number>();
    const ids = Array.from({ length: SLOTS }, (_unused, i) => inFlight.add(i) ?? -1);
    expect(new Set(ids).size).toBe(SLOTS);
    expect(inFlight.add(-1)).toBeUndefined();
    expect(inFlight.size).toBe(SLOTS);
    expect(inFlight.take(ids[12_345])).toBe(12_345);
    const again = inFlight.add(-2);
    expect(ids).not.toContain(again);
    expect(inFlight.peek(again)).toBe(-2);
    expect(inFlight.add(-3)).toBeUndefined();
  });
});
