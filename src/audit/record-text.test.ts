import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from '../core/canonical.ts';
import { recordText, type Unhashed } from './record-text.ts';

const text = fc.oneof(
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

describe('recordText', () => {
  it('is the canonical JSON of any record, also the second time', () => {
    fc.assert(
      fc.property(record, (given) => {
        const expected = canonical(given);
        expect(recordText(given)).toBe(expected);
        expect(recordText(given)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});
