import { describe, expect, it } from 'vitest';
import { ChainKey } from './chain-key.ts';
import { Batch } from './batch.ts';
import { lineOf, readRecord, START, verified } from './chain.ts';
import type { AuditEvent, AuditRecord } from './event.ts';
import { event } from './testing.ts';

const KEY = new ChainKey(Buffer.alloc(32, 7));

/** The first record of a log, and its line. */
function first(changes: Partial<AuditEvent>): { record: AuditRecord; line: string } {
  const batch = new Batch(KEY, START);
  const record = batch.add(event(changes), 0);
  return { record, line: batch.bytes.toString() };
}

describe('threat 28: what somebody else wrote in a line of the log', () => {
  it.each([
    ['a line break and a record', 'x\n{"event_type":"tool_call","user_id":"mallory"}'],
    ['a carriage return', 'a\rb'],
    ['escape sequences of a terminal', '\u001b[2Jgone\u009b31m'],
    ['line separators', 'a\u2028b\u2029c'],
    ['a turned direction', 'a\u202eb\u2066c'],
    ['what cannot be seen', 'a\u200bb\ufeffc'],
    ['a NUL', 'a\0b'],
  ])('%s stays one line of plain characters', (_what, name) => {
    const { record, line } = first({ tool_name: name });
    expect(line).toMatch(/^\{[\x20-\x7e]*\}\n$/);
    expect(readRecord(line)?.tool_name).toBe(name);
    expect(verified(line, START, KEY)).toEqual(JSON.parse(line));
    expect(verified(lineOf(record), START, KEY), 'read and written again').toEqual(JSON.parse(line));
  });

  it('keys with a meaning are only text', () => {
    const pii = JSON.parse('{"__proto__":1,"EMAIL":2}') as Record<string, number>;
    const { line } = first({ pii, contains_pii: true });
    expect(typeof verified(line, START, KEY)).toBe('object');
  });
});
