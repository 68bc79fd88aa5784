import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from '../core/canonical.ts';
import type { AuditEvent } from './event.ts';
import { RecordText, type Unhashed } from './record-text.ts';
import { record as made } from './testing.ts';

const text = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: 'grapheme-ascii' }) },
  fc.string({ unit: 'binary' }),
  fc.constantFrom('alice', 'tools/call', '"', '\\', '\ud800'),
);
const maybe = fc.option(text, { nil: undefined });
const count = fc.nat();

const record: fc.Arbitrary<Unhashed> = fc.record({
  action_taken: text,
  client_id: maybe,
  contains_pii: fc.boolean(),
  duration_ms: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
  event_type: text,
  id: text,
  ip: maybe,
  method: maybe,
  outcome: fc.constantFrom('ok', 'error', 'denied', 'input_required', 'cancelled'),
  parameter_count: count,
  pii: fc.option(fc.dictionary(fc.oneof(text, fc.constantFrom('9', '10', '__proto__')), count), {
    nil: undefined,
  }),
  policy: maybe,
  prev: fc.constant('0'.repeat(64)),
  seq: count,
  server: maybe,
  timestamp: fc.constant('2026-01-01T12:00:00.000Z'),
  tool_name: maybe,
  user_id: text,
  v: fc.constant(1),
});

const PAD = Buffer.from('pad');

describe('RecordText', () => {
  it('is the canonical JSON of any record, also the second time', () => {
    const written = new RecordText(PAD);
    let plain = 0;
    fc.assert(
      fc.property(record, (given) => {
        for (let time = 0; time < 2; time++) {
          const expected = canonical(given);
          const isPlain = /^[ -~]*$/.test(expected) && /^[ -~]*$/.test(given.id);
          // What it does not write is written otherwise: never a part of it, and never what is plain and short.
          if (!written.write(given)) {
            expect(isPlain && expected.length < 2000 && !/["\\]/.test(given.id)).toBe(false);
            continue;
          }
          plain += 1;
          expect(written.hashed.toString()).toBe(`pad${expected}`);
          const copy = Buffer.alloc(written.length + 2);
          written.copy(copy, 1);
          expect(copy.toString()).toBe(`\0${expected}\0`);
        }
      }),
      { numRuns: 1000 },
    );
    expect(plain).toBeGreaterThan(100);
  });

  it.each([
    ['long', { policy: 'p'.repeat(5000) }],
    ['a long id', { id: 'c'.repeat(200) }],
    ['an id with a quote', { id: 'c"1' }],
    ['an id of other letters', { id: '이름' }],
    ['a DEL', { tool_name: '\u007f' }],
    ['other letters', { user_id: '김민수' }],
  ])('leaves %s to others, and goes on behind it', (_what, changes) => {
    const written = new RecordText(PAD);
    const usual = unhashed({});
    expect(written.write(unhashed(changes))).toBe(false);
    expect(written.write(usual)).toBe(true);
    expect(written.hashed.toString()).toBe(`pad${canonical(usual)}`);
    expect(written.write(unhashed(changes))).toBe(false);
  });
});

function unhashed(changes: Partial<AuditEvent>): Unhashed {
  const { hash: _, ...rest } = made(changes);
  return rest;
}
