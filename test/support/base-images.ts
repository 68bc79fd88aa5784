/**
 * Stand-ins for the base images of Dockerfiles. No registry of images is asked in a test; so what an image would bring
 * is taken from this machine, and its package managers hand out packages that are here already.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addProgram, type Engine, importRoot } from './containers.ts';
import { ROOT, temporaryFolder } from './processes.ts';

/** Gives the packages in /packages for those of a registry, whichever are asked for. */
const NPM = `#!/bin/sh
set -e
case " $* " in
  *" --global "*)
    all="$*" to=/usr/local
    case "$all" in *"--prefix "*) to="\${all#*--prefix }" && to="\${to%% *}" ;; esac
    mkdir -p "$to/lib" "$to/bin" && cp -a /packages "$to/lib/node_modules"
    for program in "$to"/lib/node_modules/.bin/*; do ln -s "$program" "$to/bin/"; done ;;
  *) cp -a /packages node_modules ;;
esac
`;

/** @param packages a `node_modules` folder */
export function nodeBase(engine: Engine, image: string, packages: string): void {
  using folder = temporaryFolder();
  script(folder.path, 'npm', NPM);
  cpSync(packages, join(folder.path, 'packages'), { recursive: true, verbatimSymlinks: true });
  const lines = [`FROM ${engine.image}`, 'COPY npm /usr/local/bin/', 'COPY packages /packages'];
  writeFileSync(join(folder.path, 'Dockerfile'), `${lines.join('\n')}\n`);
  engine.run('build', '--network', 'none', '--tag', image, folder.path);
}

/** Some packages of this checkout as a `node_modules` folder of their own. */
export function packagesOfCheckout(folder: string, names: readonly string[]): string {
  const packages = join(folder, 'node_modules');
  for (const name of names)
    cpSync(join(ROOT, 'node_modules', name), join(packages, name), { recursive: true });
  mkdirSync(join(packages, '.bin'), { recursive: true });
  return packages;
}

/**
 * A published package with what it needs, as a `node_modules` folder that is kept for the next time.
 * @param spec with its version: `NAME@1.2.3`
 * @returns undefined where npm reaches no registry
 */
export function packageOfRegistry(spec: string): string | undefined {
  const folder = join(
    tmpdir(),
    `sallyport-package-${process.getuid?.() ?? 0}-${spec.replaceAll(/[^\w.-]/g, '-')}`,
  );
  const complete = join(folder, 'complete');
  if (!existsSync(complete)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', spec];
    const retries = ['--fetch-retries=0', '--fetch-timeout=20000'];
    const { status } = spawnSync('npm', [...args, ...retries], {
      stdio: 'ignore',
      timeout: 45_000,
      cwd: folder,
    });
    if (status !== 0) return undefined;
    writeFileSync(complete, '');
  }
  return join(folder, 'node_modules');
}

/** Installs nothing; what the server of the example needs, the image has. */
const UV = '#!/bin/sh\necho "uv (stand-in): $*"\n';

/**
 * This machine's python3 and its standard library.
 * @returns false where it is not that of a Debian, whose files are where they are looked for
 */
export function pythonBase(engine: Engine, image: string): boolean {
  const asked = spawnSync(
    '/usr/bin/python3',
    [
      '-c',
      'import os,sys,sysconfig;print(os.path.realpath(sys.executable));print(sysconfig.get_path("stdlib"))',
    ],
    { encoding: 'utf8' },
  );
  const [program, library] = asked.status === 0 ? asked.stdout.trim().split('\n') : [];
  const zone = '/usr/share/zoneinfo/Asia/Seoul';
  if (program === undefined || library === undefined || !existsSync(zone)) return false;
  importRoot(engine, image, (root) => {
    addProgram(root, program, 'usr/bin/python3');
    const wanted = (path: string): boolean => !/\/(?:__pycache__|test|idlelib|dist-packages)$/.test(path);
    cpSync(library, join(root, library), { recursive: true, verbatimSymlinks: true, filter: wanted });
    mkdirSync(join(root, '/usr/share/zoneinfo/Asia'), { recursive: true });
    writeFileSync(join(root, zone), readFileSync(zone));
  });
  return true;
}

/** An image that has nothing but a program `/uv`. */
export function uvBase(engine: Engine, image: string): void {
  importRoot(engine, image, (root) => script(root, 'uv', UV));
}

/**
 * Builds a Dockerfile as it stands, but for its base images.
 * @param bases what stands there, and what stands in for it
 */
export function build(
  engine: Engine,
  image: string,
  context: string,
  bases: ReadonlyMap<string, string>,
): void {
  using folder = temporaryFolder();
  const written = readFileSync(join(context, 'Dockerfile'), 'utf8');
  const dockerfile = written.replaceAll(/^FROM (\S+)/gm, (_line, base: string) => {
    const standIn = bases.get(base);
    if (standIn === undefined)
      throw new Error(`${context}/Dockerfile is built on ${base}, for which nothing stands in`);
    return `FROM ${standIn}`;
  });
  const file = join(folder.path, 'Dockerfile');
  writeFileSync(file, dockerfile);
  engine.run('build', '--network', 'none', '--tag', image, '--file', file, context);
}

function script(root: string, at: string, text: string): void {
  writeFileSync(join(root, at), text);
  chmodSync(join(root, at), 0o755);
}
