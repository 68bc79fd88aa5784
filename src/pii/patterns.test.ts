import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../config/diagnose.ts';
import { createEngine } from './engine.ts';
import { patternsOf, readPatterns } from './patterns.ts';

function finds(patterns: object, text: string, key?: string): string[] {
  const engine = createEngine({ extras: [patternsOf(JSON.stringify(patterns), 'p.json')] });
  return engine.scan(text, key).map(({ type, start, end }) => `${type} ${text.slice(start, end)}`);
}

function mistakes(text: string): string[] {
  try {
    patternsOf(text, 'p.json');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
  return [];
}

describe('patterns of one’s own', () => {
  it('are a name and a regex', () => {
    expect(finds({ 'employee-id': 'EMP-\\d{6}' }, '사번은 ＥＭＰ-123456입니다')).toEqual([
      'EMPLOYEE_ID ＥＭＰ-123456',
    ]);
  });

  it('may need words around them', () => {
    const weak = { CASE: { pattern: '\\d{5}', score: 0.3, context: ['사건', 'case'] } };
    expect(finds(weak, '번호 12345')).toEqual([]);
    expect(finds(weak, '사건 12345')).toEqual(['CASE 12345']);
    expect(finds(weak, '12345', 'caseNumber')).toEqual(['CASE 12345']);
  });

  it.each([
    ['hồ sơ', 'HỒ SƠ: 12345'],
    ['дело', 'ДЕЛО 12345'],
    ['case no', 'the CaseNo is 12345'],
    ['case no', '{"case_no": 12345}'],
    [' §', '§12345'],
    ['호', '호실 12345'],
  ])('find %j in %j', (word, text) => {
    const weak = { CASE: { pattern: '\\d{5}', score: 0.3, context: [word] } };
    expect(finds(weak, text)).toEqual(['CASE 12345']);
    expect(finds(weak, 'no 12345')).toEqual([]);
  });

  it('may look at what stands before and after', () => {
    const guarded = { N: { pattern: '\\d{4}', before: '#', after: '\\D|\\z' } };
    expect(finds(guarded, '#1234 1234 #12345 ##6789')).toEqual(['N 1234', 'N 6789']);
  });

  it('may have a checksum', () => {
    const checked = { N: { pattern: '\\d{10}', validator: 'luhn' } };
    expect(finds(checked, 'a 1234567897 b 1234567890')).toEqual(['N 1234567897']);
    expect(finds({ N: { pattern: '[A-Z]{2}\\d{6}', validator: 'mod97' } }, 'DE68210501')).toEqual([]);
  });

  it('may be for texts of some languages', () => {
    const korean = { N: { pattern: 'X\\d+', languages: ['ko'] } };
    expect(finds(korean, '번호 X1')).toEqual(['N X1']);
    expect(finds(korean, 'number X1')).toEqual([]);
  });

  it.each([
    ['{"A": "("}', '1:7 This regex cannot be used'],
    ['{"A": "(?<=x)y"}', '1:7 This regex cannot be used'],
    ['{\n  "A": "x",\n  "B": {"pattern": "\\\\1"}\n}', '3:20 This regex cannot be used'],
    ['{"A": "x*"}', '1:7 This regex matches nothing at all'],
    ['{"A": {"score": 1}}', '1:2 This has no pattern.'],
    ['{"A": {"pattern": "x", "score": 2}}', '1:33 A score is a number above 0'],
    ['{"A": {"pattern": "x", "validator": "y"}}', '1:37 There is no such validator.'],
    ['{"A": {"pattern": "x", "regex": "y"}}', '1:24 There is no such key here.'],
    ['{"A": 7}', '1:7 A regex is a text'],
    ['{"1A": "x"}', '1:2 This cannot be the name of a pattern.'],
    ['["x"]', '1:1 Patterns are a map'],
    ['{"A": "x" "B": "y"}', '1:10 A comma is missing'],
    [`{"A": "${'x'.repeat(1001)}"}`, '1:7 This regex is longer'],
  ])('that are wrong are told with their place: %s', (text, expected) => {
    expect(mistakes(text)[0]).toContain(expected);
  });

  it('threat 36: cannot hang, whatever they are and whatever they are shown', () => {
    const evil = { A: '(a+)+$', B: '(x|x|x)*y', C: '(.*)*z', D: '(a|aa)+$' };
    const started = performance.now();
    expect(finds(evil, `${'a'.repeat(20_000)}!${'x'.repeat(20_000)}`)).toEqual([]);
    // V8's own engine would need longer than the universe is old.
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('the file of patterns', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-patterns-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read from where it is', async () => {
    const path = join(folder, 'pii_patterns.json');
    writeFileSync(path, '{\n  // comments are fine\n  "BADGE": "B-\\\\d{4}",\n}\n');
    const engine = createEngine({ extras: [await readPatterns(path)] });
    expect(engine.scan('badge B-1234')).toMatchObject([{ type: 'BADGE', start: 6, end: 12 }]);
    await expect(readPatterns(join(folder, 'none.json'))).rejects.toThrow(/There is no such file/);
  });
});
