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
        for (const tool of tools) batch.add(event({ tool_name: tool }), 0);
        const lines = batch.bytes.toString();
        expect(lines).toMatch(/^[\n\x20-\x7e\u00a0-\uffff]*$/);
        head = check(lines, head);
        expect(head.hash).toBe(batch.head.hash);
        expect(batch.records.map(({ tool_name: name }) => name)).toEqual(tools);
      }),
      { numRuns: 50 },
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
});
