import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { chownSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** A package that was never built: the command alone. */
const folder = mkdtempSync(join(tmpdir(), 'sallyport-bin-'));
cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command in a Node that says it is of this version. */
function runAs(version: string): SpawnSyncReturns<string> {
  const lie = `Object.defineProperties(process, {
    version: { value: 'v${version}' },
    versions: { value: { ...process.versions, node: '${version}' } },
  })`;
  const preload = `data:text/javascript,${encodeURIComponent(lie)}`;
  const args = ['--import', preload, join(folder, 'bin/sallyport.js'), '--version'];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

describe('bin/sallyport.js', () => {
  it.each(['18.20.8', '20.20.2', '22.18.0', '23.11.1', '24.10.9', '25.2.0'])(
    'refuses Node %s with what to install',
    (version) => {
      const { status, stderr, stdout } = runAs(version);
      expect(status).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toContain(`this is v${version}`);
      expect(stderr).toContain('nvm install 24');
      expect(stderr).not.toContain('    at ');
    },
  );

  it.each(['22.19.0', '22.22.1', '24.11.0', '24.21.0', '26.0.0', '27.1.0'])(
    'takes Node %s, and says what to do where nothing is built',
    (version) => {
      const { status, stderr } = runAs(version);
      expect(status).toBe(1);
      expect(stderr).toBe('sallyport is not built yet: run `npm ci && npm run build` in its folder first.\n');
    },
  );

  it('takes the versions that package.json takes', () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    expect(engines.node).toBe('^22.19.0 || ^24.11.0 || >=26.0.0');
  });

  it('does not take a mistake inside for a missing build', () => {
    const broken = mkdtempSync(join(tmpdir(), 'sallyport-bin-'));
    cpSync(folder, broken, { recursive: true });
    cpSync(join(ROOT, 'bin'), join(broken, 'dist/cli'), { recursive: true });
    writeFileSync(join(broken, 'dist/cli/main.js'), "import './gone.js';\nexport const run = () => {};\n");
    const { status, stderr } = spawnSync(process.execPath, [join(broken, 'bin/sallyport.js')], {
      encoding: 'utf8',
    });
    rmSync(broken, { recursive: true });
    expect(status).toBe(1);
    expect(stderr).toContain('gone.js');
    expect(stderr).not.toContain('not built yet');
  });

  describe('the cache of compiled code', () => {
    /** Runs the command with this home, and says what lies in the folder for temporary files behind it. */
    function temporaryFilesOf(home: string): string[] {
      const tmp = mkdtempSync(join(tmpdir(), 'sallyport-bin-tmp-'));
      const env = { HOME: home, TMPDIR: tmp };
      spawnSync(process.execPath, [join(folder, 'bin/sallyport.js'), '--help'], { env });
      const left = readdirSync(tmp);
      rmSync(tmp, { recursive: true });
      return left;
    }

    it('is in the home, and not where everybody may write', () => {
      const home = mkdtempSync(join(tmpdir(), 'sallyport-bin-home-'));
      expect(temporaryFilesOf(home)).toEqual([]);
      expect(readdirSync(join(home, '.cache'))).toEqual(['sallyport']);
      rmSync(home, { recursive: true });
    });

    it('is nowhere, where the home is missing or is somebody else’s', () => {
      expect(temporaryFilesOf(join(folder, 'nowhere'))).toEqual([]);
      const home = mkdtempSync(join(tmpdir(), 'sallyport-bin-home-'));
      const isRoot = process.getuid?.() === 0;
      if (isRoot) chownSync(home, 65_534, 65_534);
      expect(temporaryFilesOf(isRoot ? home : '/')).toEqual([]);
      expect(readdirSync(home)).toEqual([]);
      rmSync(home, { recursive: true });
    });
  });

  it('is written in a syntax that old versions read', () => {
    const source = readFileSync(join(ROOT, 'bin/sallyport.js'), 'utf8').replaceAll(/^\s*\/[/*].*$/gm, '');
    expect(source).not.toMatch(/=>|\b(?:const|let|class|async|await)\b|\?\.|\?\?|\.\.\./);
    expect(source.match(/`/g) ?? []).toHaveLength(source.match(/'[^'\n]*`[^'\n]*'/g)?.length ? 4 : 0);
  });
});
