import { describe, expect, it } from 'vitest';
import { FilterError, parseFilter, TERMS } from './filter.ts';
import { record } from './testing.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const alice = record({ contains_pii: true, pii: { EMAIL_ADDRESS: 2 } });

describe('parseFilter', () => {
  it.each([
    [''],
    ['user:alice'],
    ['user:ALICE'],
    ['user:al*'],
    ['user:bob,alice'],
    ['user:-bob'],
    ['tool:net__*'],
    ['tool:*dns'],
    ['tool:*'],
    ['method:tools/call server:net outcome:ok'],
    ['pii:true'],
    ['pii:email_address'],
    ['since:1h'],
    ['since:2026-01-01 until:2026-01-02'],
    ['policy:-rate*'],
  ])('%j fits', (text) => {
    expect(parseFilter([text], NOON)(alice)).toBe(true);
  });

  it.each([
    ['user:bob'],
    ['user:alic'],
    ['user:-alice'],
    ['user:alice outcome:denied'],
    ['tool:net.__'],
    ['tool:net__.*'],
    ['pii:false'],
    ['pii:IBAN'],
    ['pii:__proto__'],
    ['until:1h'],
    ['policy:x'],
  ])('%j does not', (text) => {
    expect(parseFilter([text], NOON)(alice)).toBe(false);
  });

  it.each([['alice'], ['usr:alice'], ['user:'], ['since:soon'], ['since:1y'], [':']])(
    '%j is told what there is',
    (text) => {
      expect(() => parseFilter([text])).toThrow(FilterError);
    },
  );

  it('takes each of its own examples', () => {
    for (const { example } of TERMS.values()) expect(typeof parseFilter([example])).toBe('function');
  });

  it('is not slowed down by a pattern', () => {
    const long = record({ tool_name: 'a'.repeat(50_000) });
    const started = performance.now();
    expect(parseFilter([`tool:${'*a'.repeat(10)}b`])(long)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
