import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PACKAGES } from '../../src/cli/new/typescript.ts';
import { environment, sallyport } from '../support/gateway.ts';
import { callTool, modern } from '../support/http.ts';
import { eventually, ROOT, SALLYPORT, start, temporaryFolder } from '../support/processes.ts';

const TEXT = { text: 'one two  three' };
const COUNTED = { words: 3, characters: 14 };

const hasPython = spawnSync('python3', ['-c', 'import tomllib']).status === 0;
const hasSdk = spawnSync('python3', ['-c', 'import mcp.server.mcpserver']).status === 0;

/** Runs Python and answers what it says on stderr. */
function python(folder: string, ...args: string[]): string {
  const { status, stderr } = spawnSync('python3', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stderr;
}

async function writePython(place: string): Promise<string> {
  const { code } = await sallyport(['new', 'server', 'word-counter', '--python'], { cwd: place });
  expect(code).toBe(0);
  return join(place, 'word-counter');
}

/** Runs `sallyport up` in the folder, as its page says, and calls the tool of its server. */
async function serve(folder: string, path: string): Promise<void> {
  using home = temporaryFolder();
  const program = start(process.execPath, [SALLYPORT, 'up', '--json', '--listen', '127.0.0.1:0'], {
    cwd: folder,
    env: { ...environment(home), PATH: path },
  });
  try {
    const line = await eventually('it is ready', () => /^(.*)\n/.exec(program.stdout())?.[1], 30_000);
    const ready = JSON.parse(line) as { endpoint: string; token: string; servers: unknown };
    expect(ready.servers).toMatchObject([{ name: 'word-counter', state: 'ready' }]);
    const gateway = { port: Number(new URL(ready.endpoint).port), token: ready.token };
    const { last } = await modern(gateway, 'tools/list');
    expect(last.result).toMatchObject({
      tools: [
        {
          name: 'count_words',
          title: 'Count words',
          inputSchema: { required: ['text'] },
          outputSchema: { type: 'object' },
          annotations: { readOnlyHint: true, openWorldHint: false },
        },
      ],
    });
    const answer = await callTool(gateway, 'count_words', TEXT);
    expect(answer.last.result, program.stderr()).toMatchObject({ structuredContent: COUNTED });
  } finally {
    await program.stop();
  }
}

describe('sallyport new server', () => {
  it('writes a server in TypeScript that is tested, type-checked and served as it was written', async () => {
    using place = temporaryFolder();
    const { code, stdout, stderr } = await sallyport(['new', 'server', 'word-counter'], { cwd: place.path });
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('npm install') as string,
    });
    const folder = join(place.path, 'word-counter');
    expect(readdirSync(folder).toSorted()).toEqual([
      '.dockerignore',
      '.gitignore',
      'Dockerfile',
      'README.md',
      'package.json',
      'sallyport.yaml',
      'server.test.ts',
      'server.ts',
      'tsconfig.json',
    ]);
    const own = parse(readFileSync(join(folder, 'sallyport.yaml'), 'utf8')) as { mcpServers: object };
    expect(JSON.parse(stdout)).toEqual({
      mcpServers: { 'word-counter': { ...Object.values(own.mcpServers)[0], cwd: folder } },
    });

    // What `npm install` would bring.
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const path = [join(ROOT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
    for (const script of [scripts['test'], scripts['check']])
      execFileSync('sh', ['-c', script ?? 'false'], { cwd: folder, env: { ...process.env, PATH: path } });
    await serve(folder, path);
  });

  it('writes for the packages that this repository has', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(dependencies).toMatchObject(PACKAGES);
  });

  it.skipIf(!hasPython)('writes Python that Python can read (SKIPPED without python3)', async () => {
    using place = temporaryFolder();
    const folder = await writePython(place.path);
    for (const file of ['server.py', 'test_server.py'])
      expect(python(folder, '-c', 'import ast, sys; ast.parse(open(sys.argv[1]).read())', file)).toBe('');
    expect(python(folder, '-c', 'import tomllib; tomllib.load(open("pyproject.toml", "rb"))')).toBe('');
  });

  it.skipIf(!hasSdk)(
    'writes a server in Python that is tested and served as it was written (SKIPPED without `pip install mcp`)',
    async () => {
      using place = temporaryFolder();
      const folder = await writePython(place.path);
      expect(python(folder, '-m', 'unittest')).toMatch(/^Ran 1 test/m);
      // What stands in for uv: the Python that is here, with the packages it has.
      const bin = join(place.path, 'bin');
      mkdirSync(bin);
      writeFileSync(join(bin, 'uv'), '#!/bin/sh\n[ "$1" = run ] && shift\nexec python3 "$@"\n');
      chmodSync(join(bin, 'uv'), 0o755);
      await serve(folder, [bin, process.env['PATH']].join(delimiter));
    },
  );

  it('writes nothing over', async () => {
    using place = temporaryFolder();
    mkdirSync(join(place.path, 'mine'));
    const { code, stderr, stdout } = await sallyport(['new', 'server', 'mine'], { cwd: place.path });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('mine is here already');
    expect(readdirSync(join(place.path, 'mine'))).toEqual([]);
  });

  it.each(['../up', 'Big', 'a b', '-x', 'a--b', '__proto__', 'x'.repeat(51), '한글', ''])(
    'does not take %j for a name',
    async (name) => {
      using place = temporaryFolder();
      const { code } = await sallyport(['new', 'server', '--', name], { cwd: place.path });
      expect(code).toBe(2);
      expect(readdirSync(place.path)).toEqual([]);
    },
  );
});
