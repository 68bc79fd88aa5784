import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { execFile } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { extract } from 'tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment } from '../support/gateway.ts';
import { callTool } from '../support/http.ts';
import { eventually, ROOT, start, temporaryFolder, type TemporaryFolder } from '../support/processes.ts';

const run = promisify(execFile);

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
}
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

const LARGEST_BYTES = 15 * 1024 * 1024;
/** A package that has ES modules only: what older ways of resolving make of it is theirs. */
const RESOLUTIONS: ReadonlySet<string> = new Set(['node16-esm', 'bundler']);

interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

let folder: TemporaryFolder;
let packed: Packed;
let tarball: string;
/** A folder with nothing in it but the package, as npm installs it. */
let place: string;
let env: NodeJS.ProcessEnv;

// A checkout's own dist may have files of sources that are gone, so this is a build from nothing.
beforeAll(async () => {
  folder = temporaryFolder();
  const stage = join(folder.path, 'stage');
  mkdirSync(stage);
  const parts = ['package.json', 'bin', 'LICENSE', ...globSync('{README*,CHANGELOG}.md', { cwd: ROOT })];
  for (const part of parts) cpSync(join(ROOT, part), join(stage, part), { recursive: true });
  const dist = join(stage, 'dist');
  const build = [
    '-p',
    'tsconfig.build.json',
    '--outDir',
    dist,
    '--tsBuildInfoFile',
    join(dist, '.tsbuildinfo'),
  ];
  await run(join(ROOT, 'node_modules', '.bin', 'tsc'), build, { cwd: ROOT });
  env = {
    ...environment(folder),
    npm_config_cache: join(folder.path, 'npm'),
    npm_config_update_notifier: 'false',
  };
  const { stdout } = await run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', folder.path],
    {
      cwd: stage,
      env,
      maxBuffer: 16 * 1024 * 1024,
    },
  );
  // npm 11 answers with an object by name, those before it with a list.
  const [found] = Object.values(JSON.parse(stdout) as Record<string, Packed>);
  if (!found) throw new Error(`npm pack said: ${stdout}`);
  packed = found;
  tarball = join(folder.path, packed.filename);
  place = await install();
}, 180_000);
afterAll(() => folder.remove());

/** What `npm install` does with the tarball, without a network: its dependencies are those that are here. */
async function install(): Promise<string> {
  const empty = join(folder.path, 'empty');
  const modules = join(empty, 'node_modules');
  mkdirSync(join(modules, 'sallyport'), { recursive: true });
  await extract({ file: tarball, cwd: join(modules, 'sallyport'), strip: 1 });
  // None but those it names: whatever it imports besides is not found.
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  mkdirSync(join(modules, '.bin'));
  symlinkSync('../sallyport/bin/sallyport.js', join(modules, '.bin', 'sallyport'));
  return empty;
}

describe('the package', () => {
  it('has in it what is meant, and nothing else', () => {
    const sources = globSync('src/**/*.ts', { cwd: ROOT }).filter(
      (path) => !/\.test\.ts$|\/testing\.ts$/.test(path),
    );
    const compiled = sources.flatMap((path) => {
      const base = path.replaceAll('\\', '/').replace(/^src\/(.*)\.ts$/, 'dist/$1');
      return [`${base}.js`, `${base}.d.ts`];
    });
    const pages = globSync('{README*,CHANGELOG}.md', { cwd: ROOT });
    const meant = new Set([...compiled, ...pages, 'LICENSE', 'bin/sallyport.js', 'package.json']);
    const there = new Set(packed.files.map(({ path }) => path));
    expect([...there].filter((path) => !meant.has(path))).toEqual([]);
    expect([...meant].filter((path) => !there.has(path))).toEqual([]);
  });

  it('is small', () => {
    expect(packed.unpackedSize).toBeLessThan(LARGEST_BYTES);
  });

  it('runs no script when it is installed, and neither does what it depends on', () => {
    const own = Object.keys(manifest.scripts).filter((name) => /^(?:pre|post)?install$|^prepare$/.test(name));
    expect(own).toEqual([]);
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<
        string,
        { dev?: boolean; devOptional?: boolean; peer?: boolean; hasInstallScript?: boolean }
      >;
    };
    const runtime = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
    expect(runtime.length).toBeGreaterThan(Object.keys(manifest.dependencies).length);
    expect(runtime.filter(([, { hasInstallScript }]) => hasInstallScript === true)).toEqual([]);
  });

  it('is what publint and attw would have it be', async () => {
    const { messages } = await publint({
      pkgDir: join(place, 'node_modules', 'sallyport'),
      pack: false,
      strict: true,
    });
    expect(messages).toEqual([]);
    const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball)));
    expect(result).toMatchObject({ types: { kind: 'included' } });
    const problems = 'problems' in result ? result.problems : [];
    expect(
      problems.filter((each) => !('resolutionKind' in each) || RESOLUTIONS.has(each.resolutionKind)),
    ).toEqual([]);
  });
});

describe('the package in an empty folder', () => {
  const npx = async (...args: string[]): Promise<string> =>
    (await run('npx', ['--offline', '--no', '--', 'sallyport', ...args], { cwd: place, env })).stdout;

  it('runs by npx', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(await npx('--version')).toContain(version);
    expect(await npx('server', '--list')).toMatch(/^localities +/m);
    expect(await npx('schema')).toContain('"mcpServers"');
  }, 60_000);

  it('serves, with the data that its dependencies bring', async () => {
    const config = JSON.stringify({ mcpServers: { communes: { builtin: 'localities' } } });
    writeFileSync(join(place, 'sallyport.json'), config);
    const args = ['up', '--json', '--listen', '127.0.0.1:0', '--config', 'sallyport.json'];
    const program = start(join(place, 'node_modules', '.bin', 'sallyport'), args, { cwd: place, env });
    try {
      const line = await eventually('it is ready', () => /^(.*)\n/.exec(program.stdout())?.[1], 60_000).catch(
        (error: unknown) => {
          throw new Error(program.stderr(), { cause: error });
        },
      );
      const { endpoint, token } = JSON.parse(line) as { endpoint: string; token: string };
      const gateway = { port: Number(new URL(endpoint).port), token };
      expect((await callTool(gateway, 'get_commune', { code: '35238' })).text).toContain('Rennes');
    } finally {
      await program.stop();
    }
  }, 90_000);

  it('is a library, at each of its entry points', async () => {
    const names = Object.keys(manifest.exports).map((entry) => entry.replace(/^\./, 'sallyport'));
    expect(names.length).toBeGreaterThan(1);
    for (const name of names) {
      const script = `console.log(Object.keys(await import(${JSON.stringify(name)})).length)`;
      const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
        cwd: place,
        env,
      });
      expect(Number(stdout), name).toBeGreaterThan(0);
    }
  }, 60_000);
});
