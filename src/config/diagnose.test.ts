import { describe, expect, it } from 'vitest';
import { ConfigError, renderDiagnostics, toDiagnostics, type Diagnostic } from './diagnose.ts';
import { displayWidth } from './display-width.ts';
import { Findings } from './findings.ts';
import { Source } from './source.ts';

const PLAIN = { color: false };

/** One finding about the first place where `marked` stands in the text. */
function diagnose(text: string, marked: string, hint?: string): Diagnostic[] {
  const findings = new Findings();
  const start = text.indexOf(marked);
  findings.error({ start, end: start + marked.length }, 'This is wrong.', hint);
  return toDiagnostics(findings, new Source('a.yaml', text), text);
}

describe('toDiagnostics', () => {
  it('says where, and quotes the line', () => {
    expect(diagnose('one: 1\ntwo: bad # x\n', 'bad', 'Mend it.')).toEqual([
      {
        severity: 'error',
        message: 'This is wrong.',
        hint: 'Mend it.',
        file: 'a.yaml',
        line: 2,
        column: 6,
        length: 3,
        source: 'two: bad # x',
      },
    ]);
  });

  it('marks what goes on over several lines to the end of the first', () => {
    expect(diagnose('a: [1,\n 2]\n', '[1,\n 2]')).toMatchObject([{ line: 1, column: 4, length: 3 }]);
  });

  it('marks one column where there is nothing: at the end of a line, or of the file', () => {
    const findings = new Findings();
    findings.error({ start: 2, end: 3 }, 'End of line.');
    findings.error({ start: 99, end: 100 }, 'Beyond the end.');
    expect(toDiagnostics(findings, new Source('a', 'ab\ncd'), 'ab\ncd')).toMatchObject([
      { line: 1, column: 3, length: 1 },
      { line: 2, length: 1 },
    ]);
  });

  it('is in the order of the file, the file as a whole first', () => {
    const findings = new Findings();
    findings.note({ start: 4, end: 5 }, 'second');
    findings.error({ start: 0, end: 1 }, 'first');
    findings.error(undefined, 'whole');
    const diagnostics = toDiagnostics(findings, new Source('a', 'abcdef'), 'abcdef');
    expect(diagnostics.map(({ message }) => message)).toEqual(['whole', 'first', 'second']);
    expect(diagnostics[0]).toEqual({ severity: 'error', message: 'whole', file: 'a' });
  });
});

describe('renderDiagnostics', () => {
  it('is plain without colour', () => {
    expect(
      renderDiagnostics(
        diagnose('mcpServers:\n  a:\n    comand: npx\n', 'comand', 'Did you mean "command"?'),
        PLAIN,
      ),
    ).toBe(
      `a.yaml:3:5: error: This is wrong.
  3 |     comand: npx
    |     ^^^^^^
    Did you mean "command"?
`,
    );
  });

  it('is the same text with colour', () => {
    const diagnostics = diagnose('a: b\n', 'b', 'Mend it.');
    const colored = renderDiagnostics(diagnostics, { color: true });
    expect(colored).toContain('\u001B[31;1merror:\u001B[0m');
    // oxlint-disable-next-line no-control-regex -- colour is made of control characters
    expect(colored.replaceAll(/\u001B\[[\d;]*m/g, '')).toBe(renderDiagnostics(diagnostics, PLAIN));
  });

  it('shows the other place, notes, and what has no place', () => {
    const diagnostics: Diagnostic[] = [
      { severity: 'error', message: 'Gone.', hint: 'Look.', file: 'x' },
      {
        severity: 'note',
        message: 'By the way.',
        file: 'x',
        line: 1,
        column: 1,
        length: 1,
        source: 'a',
        other: { line: 7, column: 8 },
      },
    ];
    expect(renderDiagnostics(diagnostics, PLAIN)).toBe(
      `x: error: Gone.
   Look.
x:1:1: note: By the way.
  1 | a
    | ^
    See also x:7:8
`,
    );
    expect(renderDiagnostics([], PLAIN)).toBe('');
  });

  it.each([
    ['이름: 값', '값', 6, 2],
    ['名前: {a: x}', 'x', 10, 1],
    ['a: "😀" b', 'b', 8, 1],
    ['e\u0301: bad', 'bad', 3, 3],
    ['\tkey: bad', 'bad', 6, 3],
  ])('puts the mark under its place: %j', (line, marked, before, width) => {
    const [, quoted = '', mark = ''] = renderDiagnostics(diagnose(line, marked), PLAIN).split('\n');
    expect(displayWidth(mark.slice(mark.indexOf('|') + 2).replace(/\^+$/, ''))).toBe(before);
    expect(mark.match(/\^+$/)?.[0]).toHaveLength(width);
    expect(displayWidth(quoted.slice(0, quoted.indexOf('|')))).toBe(mark.indexOf('|'));
  });

  it('cuts a long line around the place', () => {
    const line = `${'x'.repeat(500)} bad ${'y'.repeat(500)}`;
    const [, quoted = '', mark = ''] = renderDiagnostics(diagnose(line, 'bad'), PLAIN).split('\n');
    expect(quoted).toMatch(/^ {2}1 \| …x{39} bad y+…$/);
    expect(quoted.length).toBeLessThan(120);
    expect(mark).toBe(`    | ${' '.repeat(41)}^^^`);
  });

  it('cuts a mark that is longer than the line that is shown', () => {
    const rendered = renderDiagnostics(diagnose('x'.repeat(1000), 'x'.repeat(1000)), PLAIN);
    expect(rendered.split('\n')[2]).toBe(`    | ${'^'.repeat(100)}`);
  });

  it('lets nothing through that steers a terminal', () => {
    const evil = '\u001B[2J\u009B31m\u0007\u202E';
    const diagnostics: Diagnostic[] = [
      {
        severity: 'error',
        message: evil,
        hint: evil,
        file: evil,
        line: 1,
        column: 1,
        length: 1,
        source: `${evil}\r`,
      },
    ];
    const rendered = renderDiagnostics(diagnostics, PLAIN);
    // oxlint-disable-next-line no-control-regex -- control characters are what this is about
    expect(rendered.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202E]/);
  });
});

describe('ConfigError', () => {
  it('says everything in its message', () => {
    const error = new ConfigError(diagnose('a: b\n', 'b'), ['/a.yaml']);
    expect(error.message).toBe(renderDiagnostics(error.diagnostics, PLAIN));
    expect([error.name, error.sources]).toEqual(['ConfigError', ['/a.yaml']]);
  });
});
