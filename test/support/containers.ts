/** Real containers for the tests: of docker where an engine answers, else of podman, which needs no engine. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CHILD, ROOT } from './processes.ts';

/** What the tests run their containers with. */
export interface Engine {
  readonly name: 'docker' | 'podman';
  /** Variables that its client needs here. */
  readonly env: Readonly<Record<string, string>>;
  /** An image with `node`, busybox and `/child/child.mjs`. No registry is asked for it. */
  readonly image: string;
  /** Runs a command of the engine and gives back what it printed. Throws when it fails. */
  run(...args: readonly string[]): string;
}

/** Why there are no containers here. */
export interface NoEngine {
  readonly missing: string;
}

/** The `node` that came with the packages: with it, the image has the version that the project is for. */
const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node');

/** The engine of this machine, with the image. The first call takes a few seconds, later ones find what it made. */
export function openEngine(): Engine | NoEngine {
  const docker = engineOf('docker', {});
  // Docker's client has a version without an engine too.
  if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0) return withImage(docker);
  if (spawnSync('podman', ['--version'], { stdio: 'ignore' }).status !== 0)
    return { missing: 'neither an engine of docker nor podman is here' };
  // The gateway under test has a HOME of its own; the images are in ours.
  const data = process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share');
  return withImage(engineOf('podman', { CONTAINERS_CONF: podmanSettings(), XDG_DATA_HOME: data }));
}

/** The ids of the containers with this label, `NAME=VALUE`. */
export function containersWith(engine: Engine, label: string): string[] {
  const found = engine.run('ps', '--all', '--no-trunc', '--quiet', '--filter', `label=${label}`);
  return found.split('\n').filter((id) => id !== '');
}

/** Says so where nobody overlooks it. */
export function tellSkipped(what: string, why: string): void {
  process.stderr.write(`\n  SKIPPED: ${what}: ${why}\n\n`);
}

function engineOf(name: Engine['name'], env: Engine['env']): Omit<Engine, 'image'> {
  return {
    name,
    env,
    run: (...args) =>
      execFileSync(name, args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...env },
        timeout: 60_000,
      }).trim(),
  };
}

/**
 * As root inside of a container or a small virtual machine, podman's defaults do not work: crun wants cgroups of version
 * 2, systemd is not there, and its limits are higher than the ones of whoever starts it.
 */
function podmanSettings(): string {
  const folder = join(tmpdir(), `sallyport-podman-${process.getuid?.() ?? 0}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'containers.conf');
  const settings = [
    '[engine]',
    ...(spawnSync('runc', ['--version'], { stdio: 'ignore' }).status === 0 ? ['runtime = "runc"'] : []),
    'cgroup_manager = "cgroupfs"',
    'events_logger = "file"',
    '[containers]',
    'default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]',
    '',
  ];
  writeFileSync(file, settings.join('\n'), { mode: 0o600 });
  return file;
}

function withImage(engine: Omit<Engine, 'image'>): Engine | NoEngine {
  try {
    const image = `localhost/sallyport-test:${fingerprint()}`;
    const known = engine.run('images', '--format', '{{.Repository}}:{{.Tag}}').split('\n');
    if (!known.includes(image)) importImage(engine, image);
    engine.run('run', '--rm', '--network', 'none', image, 'node', '--version');
    return { ...engine, image };
  } catch (error) {
    return { missing: `${engine.name} cannot run a container here: ${String(error)}` };
  }
}

/** A change of the test server, of Node, or of how the image is made, makes another image. */
function fingerprint(): string {
  const hash = createHash('sha256');
  hash.update(execFileSync(NODE, ['--version']));
  hash.update(readFileSync(import.meta.filename));
  hash.update(
    execFileSync('tar', ['-c', '-C', dirname(CHILD), '--mtime=@0', '--sort=name', 'child.mjs', 'child']),
  );
  return hash.digest('hex').slice(0, 12);
}

/** An image from nothing: busybox, node with its libraries, and the test server. */
function importImage(engine: Pick<Engine, 'run'>, image: string): void {
  importRoot(engine, image, (root) => {
    addProgram(root, NODE, 'usr/local/bin/node');
    mkdirSync(join(root, 'data'));
    mkdirSync(join(root, 'child'));
    copyFileSync(CHILD, join(root, 'child/child.mjs'));
    cpSync(join(dirname(CHILD), 'child'), join(root, 'child/child'), { recursive: true });
  });
}

/**
 * An image with busybox and whatever else is put into its root.
 * @param fill gets the folder that becomes the root
 */
export function importRoot(engine: Pick<Engine, 'run'>, image: string, fill: (root: string) => void): void {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-image-'));
  try {
    for (const folder of ['bin', 'etc', 'tmp', 'proc', 'dev', 'sys', 'usr/bin', 'usr/local/bin'])
      mkdirSync(join(root, folder), { recursive: true });
    chmodSync(root, 0o755);
    chmodSync(join(root, 'tmp'), 0o1777);
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/tmp:/bin/sh\n');
    const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
    copyFileSync(busybox, join(root, 'bin/busybox'));
    for (const applet of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n'))
      if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
    // Where the first line of a script looks for it.
    symlinkSync('/bin/env', join(root, 'usr/bin/env'));
    fill(root);
    const archive = join(root, 'image.tar');
    execFileSync('tar', ['-c', '-C', root, '--exclude=./image.tar', '-f', archive, '.']);
    engine.run('import', '--change', 'ENV PATH=/usr/local/bin:/usr/bin:/bin', archive, image);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Puts a program of this machine into an image, with the libraries that it needs. */
export function addProgram(root: string, program: string, at: string): void {
  mkdirSync(dirname(join(root, at)), { recursive: true });
  copyFileSync(program, join(root, at));
  for (const library of librariesOf(program)) {
    mkdirSync(dirname(join(root, library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
}

/** The shared libraries of a program, the loader among them. */
function librariesOf(program: string): string[] {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n');
  const paths = lines.map((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1]);
  return paths.filter((path): path is string => path !== undefined && existsSync(path));
}
