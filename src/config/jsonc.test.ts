import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Findings } from './findings.ts';
import { readJson } from './jsonc.ts';
import { nodeAt, valueOf } from './node.ts';
import { Source } from './source.ts';

/** The value, and each finding as `line:column message`. */
function read(text: string): { value: unknown; findings: string[] } {
  const findings = new Findings();
  const node = readJson(text, findings);
  const source = new Source('a.json', text);
  return {
    value: node && valueOf(node),
    findings: findings.all.map(({ span, message }) => {
      const { line, column } = source.position(span?.start ?? 0);
      return `${line}:${column} ${message}`;
    }),
  };
}

describe('readJson', () => {
  it('reads what JSON.parse reads, to the same value', () => {
    fc.assert(
      fc.property(
        fc.json({ noUnicodeString: false }),
        fc.constantFrom(undefined, 2, '\t'),
        (json, indent) => {
          const expected: unknown = JSON.parse(json, (key, value: unknown) =>
            key === '__proto__' ? undefined : value,
          );
          fc.pre(!json.includes('__proto__'));
          expect(read(JSON.stringify(expected, null, indent))).toEqual({ value: expected, findings: [] });
        },
      ),
    );
  });

  it('takes a backslash that is written twice for one, whatever follows', () => {
    expect(read(String.raw`{"a": "C:\\dir\\u12", "b": "\\\\\n"}`)).toEqual({
      value: { a: String.raw`C:\dir\u12`, b: `${'\\'.repeat(2)}\n` },
      findings: [],
    });
  });

  it('reads the comments and trailing commas of editors', () => {
    const text = `// mine
{
  /* the // first */
  "url": "https://example.com/*no comment*/", // "x": 1,
  "list": [1, 2, /* 3, */],
  "map": {"a": "//",},
}
// done`;
    expect(read(text)).toEqual({
      value: { url: 'https://example.com/*no comment*/', list: [1, 2], map: { a: '//' } },
      findings: [],
    });
  });

  it('knows where everything stands', () => {
    const text = '{\n  "a": [true, {"b": "c"}]\n}';
    const node = readJson(text, new Findings());
    const span = node && nodeAt(node, ['a', 1, 'b'])?.span;
    expect(span && text.slice(span.start, span.end)).toBe('"c"');
  });

  it.each([
    ['{"a": 1', '1:1 This { is never closed.'],
    ['{\n "a": [1, 2', '2:7 This [ is never closed.'],
    ['{"a": [1, 2}', '1:12 A comma or a ] should stand here.'],
    ['{"a": 1]', '1:8 A comma or a } should stand here.'],
    ['{]', '1:2 A } should stand here.'],
    ['{"a": 1,, "b": 2}', '1:9 There is a comma too many.'],
    ['[,]', '1:2 There is a comma too many.'],
    ['{"a" 1}', '1:6 A colon is missing between the key and its value.'],
    ['{"a"}', '1:5 A colon is missing between the key and its value.'],
    ['{"a": }', '1:7 A value is missing here.'],
    ['{a: 1}', '1:2 A key in double quotes should stand here.'],
    ["{'a': 1}", '1:2 A key in double quotes should stand here.'],
    ['{"a": \'x\'}', '1:7 This is no JSON value.'],
    ['{"a": npx}', '1:7 This is no JSON value.'],
    ['{"a": 01}', '1:7 This is no JSON value.'],
    ['{"a": NaN}', '1:7 This is no JSON value.'],
    ['{"a": "x\n}', '1:7 This text has no closing quote.'],
    ['{"a": "x', '1:7 This text has no closing quote.'],
    [String.raw`{"a": "C:\dir"}`, '1:10 This escape is none of JSON.'],
    [String.raw`{"a": "\u12g4"}`, '1:8 This escape is none of JSON.'],
    ['{"a": "x\ty"}', '1:7 This text contains a control character.'],
    ['{"a": 1} x', '1:10 The file should end here.'],
    ['{"a": 1}\n}', '2:1 The file should end here.'],
    ['{"a": 1} /* x', '1:10 This comment is never closed.'],
    ['', '1:1 A value is missing here.'],
    ['['.repeat(65), '1:65 This is nested too deeply.'],
  ])('tells of %j where it is', (text, finding) => {
    expect(read(text)).toEqual({ value: undefined, findings: [finding] });
  });

  it('reads over forgotten commas, and tells of each', () => {
    expect(read('{\n  "a": "x"\n  "b": [1 2 {} "y"],\n  "c": true "d": 1\n}')).toEqual({
      value: undefined,
      findings: ['2:11 A comma is missing here.', '3:11 A comma or a ] should stand here.'],
    });
    expect(read('{\n  "a": "x"\n  "b": ["y" "z" {} []]\n  "c": 1}')).toEqual({
      value: { a: 'x', b: ['y', 'z', {}, []], c: 1 },
      findings: [
        '2:11 A comma is missing here.',
        '3:12 A comma is missing here.',
        '3:16 A comma is missing here.',
        '3:19 A comma is missing here.',
        '3:23 A comma is missing here.',
      ],
    });
  });

  it('tells of a key that stands twice, with both places, and keeps the first', () => {
    const findings = new Findings();
    const node = readJson('{"a": 1, "b": 2, "a": 3}', findings);
    expect(node && valueOf(node)).toEqual({ a: 1, b: 2 });
    expect(findings.all).toMatchObject([
      {
        span: { start: 17, end: 20 },
        other: { start: 1, end: 4 },
        message: 'The key "a" stands here a second time.',
      },
    ]);
  });

  it('lets no __proto__ through', () => {
    const { value, findings } = read(String.raw`{"a": {"__proto__": {"x": 1}, "\u005f_proto__": 2}}`);
    expect(findings).toEqual([
      '1:8 The key "__proto__" is not allowed.',
      '1:31 The key "__proto__" is not allowed.',
    ]);
    expect(Object.getPrototypeOf((value as { a: object }).a)).toBe(Object.prototype);
  });

  it('ends in good time, whatever the text', () => {
    for (const piece of ['"', '\\', '[{', '/*', '//\n', '{"a":', ',', '/', ' ', '"a" ', '1 ']) {
      const start = performance.now();
      readJson(piece.repeat(1024 * 1024).slice(0, 1024 * 1024), new Findings());
      expect(performance.now() - start).toBeLessThan(2000);
    }
  });
});
