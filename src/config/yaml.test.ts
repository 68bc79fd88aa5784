import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { Findings } from './findings.ts';
import { nodeAt, valueOf } from './node.ts';
import { Source } from './source.ts';
import { readYaml } from './yaml.ts';

/** The value, and each finding as `line:column message`. */
function read(text: string): { value: unknown; findings: string[] } {
  const findings = new Findings();
  const node = readYaml(text, findings);
  const source = new Source('a.yaml', text);
  return {
    value: node && valueOf(node),
    findings: findings.all.map(({ span, message }) => {
      const { line, column } = source.position(span?.start ?? 0);
      return span ? `${line}:${column} ${message}` : message;
    }),
  };
}

describe('readYaml', () => {
  it('reads what was written from a value, to the same value', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
          tie('any'),
          { maxKeys: 3 },
        ),
      ),
    })).any;
    fc.assert(
      fc.property(value, (data) => {
        expect(read(stringify(data))).toEqual({ value: data, findings: [] });
      }),
    );
  });

  it('is YAML 1.2: yes and on are words, 010 is ten', () => {
    expect(read('a: yes\nb: on\nc: 010\nd: 0o10\ne: ~\nf:\ng: 1_000').value).toEqual({
      a: 'yes',
      b: 'on',
      c: 10,
      d: 8,
      e: null,
      f: null,
      g: '1_000',
    });
  });

  it('keeps what a number or a flag was written like', () => {
    const node = readYaml('a: 1.10\n2: x\n', new Findings());
    expect(node && nodeAt(node, ['a'])).toMatchObject({ value: 1.1, written: '1.10' });
    expect(node && nodeAt(node, ['2'])).toMatchObject({ value: 'x' });
  });

  it('knows where everything stands', () => {
    const text = 'a:\n  - &x b: "c"\n  - |\n    text\n';
    const node = readYaml(text, new Findings());
    const textAt = (path: PropertyKey[]): string | undefined => {
      const span = node && nodeAt(node, path)?.span;
      return span && text.slice(span.start, span.end);
    };
    expect(textAt(['a', 0, 'b'])).toBe('"c"');
    expect(textAt(['a', 1])).toBe('|\n    text\n');
  });

  it('follows anchors', () => {
    expect(read('x-env: &env {A: "1"}\na: {env: *env}\nb: {env: *env}').value).toEqual({
      'x-env': { A: '1' },
      a: { env: { A: '1' } },
      b: { env: { A: '1' } },
    });
  });

  it.each([
    ['a:\n\tb: 1', '2:1 YAML is indented with spaces, not with tabs.'],
    ['a: @x', '1:4 Text that begins with this character needs quotes.'],
    ['a: "C:\\dir"', '1:7 There is no such escape in double quotes.'],
    ['a: b: c', '1:4 There are two keys on one line, or the next line is indented too far.'],
    ['a:\n  b: 1\n c: 2', '3:2 This is indented differently from the lines it belongs to'],
    ['a:\n  b 1\n  c: 2', '2:3 This key has no value: a colon is missing.'],
    [
      'a: [1, 2',
      '1:9 This is indented differently from the lines it belongs to, or a bracket is not closed.',
    ],
    [
      'a: {b: 1',
      '1:9 This is indented differently from the lines it belongs to, or a bracket is not closed.',
    ],
    ['a: "x', '1:6 A character is missing here'],
    ["a: 'it's'", '1:8 This should not stand here.'],
    ['a: 1\n---\nb: 2', '2:1 The file should end here: one file, one document.'],
    ['%YAML 1.2\n---\na: 1', '1:1 YAML directives have no use here.'],
  ])('tells of %j where it is', (text, finding) => {
    const { value, findings } = read(text);
    expect(value).toBeUndefined();
    expect(findings).toHaveLength(1);
    expect(findings[0]).toContain(finding);
  });

  it.each([
    ['a: 1\na: 2', '2:1 The key "a" stands here a second time.'],
    ['{a: 1, "a": 2}', '1:8 The key "a" stands here a second time.'],
    ['__proto__: 1', '1:1 The key "__proto__" is not allowed.'],
    ['? [a]\n: 1', '1:3 A key is text, nothing else.'],
    ['~: 1', '1:1 A key is text, nothing else.'],
    ['a: *nothing', '1:4 This alias stands for nothing before it.'],
    ['a: &a {b: *a}', '1:11 This alias stands for nothing before it.'],
    ['a: !!binary aGk=', '1:13 Tags have no meaning here.'],
    ['a: !env X', '1:9 Tags have no meaning here.'],
  ])('tells of %j and reads on', (text, finding) => {
    const { value, findings } = read(text);
    expect(findings).toEqual([finding]);
    expect(value).toBeTypeOf('object');
  });

  it('tells of every mistake, each line once', () => {
    expect(read('a: @x\nb: "\\q"\nc: `y`\n').findings).toEqual([
      '1:4 Text that begins with this character needs quotes.',
      '2:5 There is no such escape in double quotes.',
      '3:4 Text that begins with this character needs quotes.',
    ]);
  });

  it('never quotes the text in a message', () => {
    const secret = 'canary7f3a';
    for (const text of [
      `a: *${secret}`,
      `a: !${secret} x`,
      `a: "\\q${secret}"`,
      `a: @${secret}`,
      `%${secret}\n---`,
    ]) {
      const { findings } = read(text);
      expect(findings).toHaveLength(1);
      expect(findings.join()).not.toContain(secret);
    }
  });
});

function tenOf(item: string): string {
  return `[${Array.from({ length: 10 }, () => item).join(', ')}]`;
}

describe('the limits of YAML', () => {
  it('stops aliases that blow up', () => {
    const bomb = Array.from(
      { length: 9 },
      (_, level) => `l${level}: &l${level} ${tenOf(level ? `*l${level - 1}` : 'x')}`,
    );
    expect(read(bomb.join('\n'))).toEqual({
      value: undefined,
      findings: ['The aliases of this file repeat each other without measure.'],
    });
  });

  it.each([
    ['[', '1:65 This is nested too deeply.'],
    ['{a: ', '1:257 This is nested too deeply.'],
    ['- ', '1:163 This is indented too far.'],
    ['? ', '1:163 This is indented too far.'],
    ['- ? ', '1:163 This is indented too far.'],
    [': ', '1:163 This is indented too far.'],
  ])('stops a file full of %j', (piece, finding) => {
    expect(read(piece.repeat(250_000))).toEqual({ value: undefined, findings: [finding] });
  });

  it('stops a staircase', () => {
    const stairs = Array.from({ length: 1000 }, (_, step) => `${' '.repeat(step)}a:`).join('\n');
    expect(read(stairs).findings).toEqual(['162:162 This is indented too far.']);
  });

  it('lets through what is deep for a person', () => {
    const stairs = Array.from({ length: 40 }, (_, step) => `${'    '.repeat(step)}a:`).join('\n');
    expect(read(stairs).findings).toEqual([]);
    expect(
      read(`a:\n${' '.repeat(300)}# far to the right\n  b: |\n${' '.repeat(200)}text\n`).findings,
    ).toEqual([]);
  });

  it('ends in good time, whatever the text', () => {
    for (const piece of ['"', '&a ', '\n', 'a: 1\n', '[,', '|\n ']) {
      const start = performance.now();
      readYaml(piece.repeat(1024 * 1024).slice(0, 1024 * 1024), new Findings());
      expect(performance.now() - start, piece).toBeLessThan(5000);
    }
  }, 30_000);
});
