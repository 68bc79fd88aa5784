import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lengthOffences, MAX_LINES, type Offence, offencesOf } from './support/layers.ts';

const root = join(import.meta.dirname, '..');

function read(pattern: string): Map<string, string> {
  const files = globSync(pattern, { cwd: root }).map((file) => file.replaceAll('\\', '/'));
  return new Map(files.map((file): [string, string] => [file, readFileSync(join(root, file), 'utf8')]));
}

describe('the house', () => {
  it('is read by this test at all', () => {
    expect([...read('src/**/*.ts').keys()]).toContain('src/core/call.ts');
  });

  it('imports go down only, without cycles, from files of a readable length', () => {
    const sources = new Map([...read('src/**/*.ts')].filter(([file]) => !file.endsWith('.test.ts')));
    expect(offencesOf(sources)).toEqual([]);
  });

  it(`has no test, script or program longer than ${MAX_LINES} lines`, () => {
    const rest = ['src/**/*.test.ts', 'test/**/*.{ts,mjs}', 'scripts/**/*.mjs', 'bin/*'].flatMap(
      (pattern) => [...read(pattern)],
    );
    expect(lengthOffences(new Map(rest))).toEqual([]);
  });
});

describe('the layer check', () => {
  const good = {
    'src/core/call.ts': '/** A call. */\nexport interface Call {}\n',
    'src/wire/sse.ts':
      "import { createHash } from 'node:crypto';\nimport type { Call } from '../core/call.ts';\n",
    'src/router/router.ts':
      "import type { Call } from '../core/call.ts';\nimport {\n  encode,\n  type Event,\n} from '../wire/sse.ts';\n",
    'src/gateway.ts': "import { route } from './router/router.ts';\n",
    'src/cli/main.ts': "const up = await import('../gateway.ts');\n",
  };
  const check = (planted: Record<string, string>): Offence[] =>
    offencesOf(new Map(Object.entries({ ...good, ...planted })));

  it('is content with a house in order', () => {
    expect(check({})).toEqual([]);
  });

  it.each([
    ['up', { 'src/core/x.ts': "import { a } from '../config/schema.ts';\n" }, 'core may not see config'],
    [
      'up, types only',
      { 'src/core/x.ts': "import type { A } from '../wire/sse.ts';\n" },
      'core may not see wire',
    ],
    ['up, re-exported', { 'src/wire/x.ts': "export * from '../gateway.ts';\n" }, 'wire may not see gateway'],
    ['up, bare', { 'src/wire/x.ts': "import '../gateway.ts';\n" }, 'wire may not see gateway'],
    ['up, in a type', { 'src/wire/x.ts': "let a: import('../gateway.ts').A;\n" }, 'wire may not see gateway'],
    [
      'sideways',
      { 'src/auth/x.ts': "import { a } from '../router/router.ts';\n" },
      'auth may not see router',
    ],
    [
      'into a stage',
      { 'src/servers/net/x.ts': "import { a } from '../../auth/a.ts';\n" },
      'servers may not see auth',
    ],
    ['out of the house', { 'src/core/x.ts': "import { a } from '../../test/a.ts';\n" }, 'outside of src'],
  ])('names an import that goes %s', (_way, planted, problem) => {
    const offences = check(planted);
    expect(offences).toHaveLength(1);
    expect(offences[0]).toMatchObject({ file: Object.keys(planted)[0] });
    expect(offences[0]?.problem).toContain(problem);
  });

  it('names a room that is not in the plan', () => {
    expect(check({ 'src/utils/x.ts': '' })).toEqual([
      { file: 'src/utils/x.ts', problem: 'is in no room of the house (utils)' },
    ]);
  });

  it('names a cycle with all its files', () => {
    const offences = check({
      'src/core/a.ts': "import { b } from './b.ts';\n",
      'src/core/b.ts': "import type { A } from './a.ts';\n",
    });
    expect(offences).toEqual([
      {
        file: 'src/core/a.ts',
        problem: 'is in a cycle of imports: src/core/a.ts → src/core/b.ts → src/core/a.ts',
      },
    ]);
  });

  it('names a file that is too long', () => {
    const offences = check({ 'src/core/x.ts': 'x\n'.repeat(MAX_LINES + 1) });
    expect(offences).toEqual([{ file: 'src/core/x.ts', problem: 'has 601 lines, more than 600' }]);
  });
});
