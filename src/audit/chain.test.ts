import { describe, expect, it } from 'vitest';
import { ChainKey } from './chain-key.ts';
import { chained, lineOf, readRecord, START, verified } from './chain.ts';
import { event } from './testing.ts';

const KEY = new ChainKey(Buffer.alloc(32, 7));
const NOW = new Date(0);

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
    const { record, line } = chained(event({ tool_name: name }), START, KEY, NOW);
    expect(line).toMatch(/^\{[\x20-\x7e]*\}\n$/);
    expect(readRecord(line)?.tool_name).toBe(name);
    expect(verified(line, START, KEY)).toEqual(JSON.parse(line));
    expect(verified(lineOf(record), START, KEY), 'read and written again').toEqual(JSON.parse(line));
  });

  it('keys with a meaning are only text', () => {
    const pii = JSON.parse('{"__proto__":1,"EMAIL":2}') as Record<string, number>;
    const { line } = chained(event({ pii, contains_pii: true }), START, KEY, NOW);
    expect(typeof verified(line, START, KEY)).toBe('object');
  });
});
