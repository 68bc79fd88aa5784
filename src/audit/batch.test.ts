import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Batch } from './batch.ts';
import { ChainKey } from './chain-key.ts';
import { type Head, START, verified } from './chain.ts';
import { event } from './testing.ts';

const KEY = new ChainKey(Buffer.alloc(32, 7));

/** The heads behind each line; throws at the first that does not fit. */
function check(lines: string, start: Head): Head {
  return lines
    .trimEnd()
    .split('\n')
    .reduce<Head>((head, line) => {
      const record = verified(line, head, KEY);
      if (typeof record === 'string') throw new Error(record);
      return record;
    }, start);
}

describe('Batch', () => {
  it('writes lines that fit, one behind the other, whatever is in them', () => {
    const names = fc.array(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('echo', '\u007f', '이름')),
      {
        minLength: 1,
        maxLength: 300,
        size: 'max',
      },
    );
    const batch = new Batch(KEY, START);
    let head: Head = START;
    fc.assert(
      fc.property(names, (tools) => {
        batch.begin(head);
        const records = tools.map((tool) => batch.add(event({ tool_name: tool }), 0));
        const lines = batch.bytes.toString();
        expect(lines).toMatch(/^[\n\x20-\x7e\u00a0-\uffff]*$/);
        head = check(lines, head);
        expect(head.hash).toBe(batch.head.hash);
        expect(records.map(({ tool_name: name }) => name)).toEqual(tools);
        expect(batch.count).toBe(tools.length);
      }),
      { numRuns: 50 },
    );
  });

  it('writes lines that fit where some members are those of the record before, and others are not', () => {
    const some = fc.record({
      action_taken: fc.constantFrom('forwarded', 'forwarder', 'denied'),
      duration_ms: fc.constantFrom(undefined, 1, 1.5, 2.5, 10.5),
      id: fc.constantFrom('c-9', 'c-a', 'c-10', 'c"', '이름'),
      ip: fc.constantFrom(undefined, '192.0.2.1', '192.0.2.2', '192.0.2.10'),
      user_id: fc.constantFrom('alice', 'carol', 'bob', '김민수', 'x'.repeat(1000)),
      pii: fc.constantFrom(undefined, { IBAN: 1 }, { IBAN: 2 }),
    });
    const at = fc.nat({ max: 2 });
    const batch = new Batch(KEY, START);
    let head: Head = START;
    fc.assert(
      fc.property(fc.array(fc.tuple(some, at), { minLength: 1, maxLength: 100, size: 'max' }), (events) => {
        batch.begin(head);
        const records = events.map(([changes, ms]) => batch.add(event(changes), ms));
        const lines = batch.bytes.toString();
        head = check(lines, head);
        expect(
          lines
            .trimEnd()
            .split('\n')
            .map((line): unknown => JSON.parse(line)),
        ).toEqual(records.map((record): unknown => JSON.parse(JSON.stringify(record))));
      }),
      { numRuns: 100 },
    );
  });

  it('begins anew where it is told to, as after a failure', () => {
    const batch = new Batch(KEY, START);
    batch.add(event(), 0);
    batch.begin(START);
    const { seq } = batch.add(event(), 1000);
    expect(seq).toBe(1);
    expect(check(batch.bytes.toString(), START).seq).toBe(1);
  });

  it('takes a record of any length', () => {
    const batch = new Batch(KEY, START);
    for (const length of [3000, 3500, 4000, 5000, 200_000, 10])
      batch.add(event({ policy: 'p'.repeat(length) }), 0);
    expect(check(batch.bytes.toString(), START).seq).toBe(6);
  });

  it('tells each who waits, once', () => {
    const batch = new Batch(KEY, START);
    const told: boolean[] = [];
    batch.add(event(), 0, (isRecorded) => told.push(isRecorded));
    batch.add(event(), 0);
    batch.settle(false);
    batch.settle(true);
    expect(told).toEqual([false]);
  });

  it('dates each record to the millisecond', () => {
    const batch = new Batch(KEY, START);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4102444800000 })), fc.integer(), (times, second) => {
        const near = [0, 1, 999, 1000, 1001].map((ms) => Math.abs(second) * 1000 + ms);
        for (const at of [...times, ...near, ...near])
          expect(batch.add(event(), at).timestamp).toBe(new Date(at).toISOString());
      }),
    );
  });
});
