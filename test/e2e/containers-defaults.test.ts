import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { containerKey, resolveContainer, type RunContainer } from '../../src/config/container.ts';
import { runArguments } from '../../src/upstream/transport/container/arguments.ts';
import { type Engine, openEngine, tellSkipped } from '../support/containers.ts';
import { temporaryFolder } from '../support/processes.ts';

const found = openEngine();
const engine = 'missing' in found ? undefined : found;
if ('missing' in found) tellSkipped('what containers may do by default', found.missing);

/** Runs a shell script in a container as the gateway would start it, and gives back what it printed. */
function inContainer(script: string, settings: Readonly<Record<string, unknown>> = {}): Printed {
  const { image, name, env } = engine as Engine;
  using folder = temporaryFolder();
  const entry = containerKey.parse({ image, command: '/bin/sh', args: ['-c', script], ...settings });
  const container = resolveContainer(entry, folder.path) as RunContainer;
  const args = runArguments(container, {
    cidFile: join(folder.path, 'cid'),
    labels: { 'dev.sallyport.test': 'yes' },
    envNames: Object.keys(container.env),
  });
  const environment = { ...process.env, ...env, ...container.env };
  const { stdout, stderr, status } = spawnSync(name, args, {
    encoding: 'utf8',
    // As in the gateway: podman may leave a note there.
    cwd: folder.path,
    input: 'typed\n',
    env: environment,
    timeout: 50_000,
  });
  return { stdout: stdout.trim(), stderr: stderr.trim(), status };
}

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

/** A limit is the kernel's to keep, and not every machine lets an engine set one. */
const limits = engine ? inContainer('true', {}) : undefined;
const withLimits = limits?.status === 0;
if (engine && !withLimits) tellSkipped('limits of memory, processors and processes', limits?.stderr ?? '');
/** Settings without what the kernel may not keep here. */
const base = withLimits ? {} : { memory: 'unlimited', cpus: 'unlimited' };
const run = (script: string, settings = {}): Printed => inContainer(script, { ...base, ...settings });

describe.skipIf(!engine)('a container by default (SKIPPED without an engine)', () => {
  it('--interactive: reads what the gateway writes', () => {
    expect(run('read word; echo "heard $word"').stdout).toBe('heard typed');
  });

  it('--init: a process of the engine is the first one, and waits for orphans', () => {
    // The orphan is handed to process 1, which must take it in when it ends: no zombie is left.
    const { stdout } = run(
      'tr "\\0" " " </proc/1/cmdline; echo; (sleep 0.1 &) ; sleep 0.6; ps | grep -c "\\[sleep\\]"',
    );
    const [first = '', zombies] = stdout.split('\n');
    expect(first).toMatch(/init/);
    expect(zombies).toBe('0');
  });

  it('--rm: nothing of it is left', () => {
    run('true');
    const left = (engine as Engine).run('ps', '--all', '--quiet', '--filter', 'label=dev.sallyport.test=yes');
    expect(left).toBe('');
  });

  it('--cap-drop ALL: no capability, not even for root', () => {
    const { stdout } = run('grep -E "^Cap(Prm|Eff|Bnd)" /proc/self/status', { user: '0' });
    expect(stdout.match(/0{16}/g)).toHaveLength(3);
    const chown = run('touch /tmp/file && chown 1000 /tmp/file', { user: '0' });
    expect(chown.status).not.toBe(0);
  });

  it('--security-opt no-new-privileges: no program gives it more than it has', () => {
    expect(run('grep NoNewPrivs /proc/self/status').stdout).toMatch(/1$/);
  });

  it('--read-only: the image cannot be written to', () => {
    const { stderr, status } = run('touch /data/file', { user: '0' });
    expect(stderr).toContain('Read-only file system');
    expect(status).not.toBe(0);
  });

  it('--tmpfs /tmp: writable, from which nothing is started', () => {
    expect(run('echo kept >/tmp/file; cat /tmp/file').stdout).toBe('kept');
    expect(run('cp /bin/busybox /tmp/busybox && /tmp/busybox true').stderr).toContain('Permission denied');
    expect(run('grep " /tmp " /proc/mounts').stdout).toMatch(/tmpfs.*nosuid.*nodev.*noexec/);
  });

  it('--network none: only loopback, and no name is looked up', () => {
    expect(run('cat /proc/net/dev | tail -n +3 | cut -d: -f1').stdout).toBe('lo');
  });

  it('network: egress has one more interface', () => {
    const { stdout, stderr, status } = run('tail -n +3 /proc/net/dev | cut -d: -f1', { network: 'egress' });
    if (status !== 0) return tellSkipped('a container with network: egress', stderr);
    expect(
      stdout
        .split('\n')
        .map((line) => line.trim())
        .toSorted(),
    ).toEqual(['eth0', 'lo']);
  });

  it('--user: nobody in particular; image: whom the image names', () => {
    expect(run('id -u; id -g').stdout).toBe('65532\n65532');
    expect(run('id -u', { user: 'image' }).stdout).toBe('0');
    expect(run('id -u', { user: '1000:1000' }).stdout).toBe('1000');
  });

  it('HOME=/tmp: there is a home to write to, unless another one is named', () => {
    expect(run('echo $HOME; touch $HOME/file && echo ok').stdout).toBe('/tmp\nok');
    expect(run('echo $HOME', { env: { HOME: '/data' } }).stdout).not.toBe('/tmp');
  });

  it('labels and the id: it can be told whose it is', () => {
    const { name, env } = engine as Engine;
    using folder = temporaryFolder();
    const cidFile = join(folder.path, 'cid');
    const entry = containerKey.parse({
      image: (engine as Engine).image,
      command: 'sleep',
      args: ['60'],
      ...base,
    });
    const args = runArguments(resolveContainer(entry, '/') as RunContainer, {
      cidFile,
      labels: { 'dev.sallyport.test': 'label' },
      envNames: [],
    });
    const [verb = '', ...rest] = args;
    execFileSync(name, [verb, '--detach', ...rest], { env: { ...process.env, ...env } });
    const id = readFileSync(cidFile, 'utf8').trim();
    onTestFinished(() => void (engine as Engine).run('rm', '--force', id));
    const labelled = (engine as Engine).run(
      'ps',
      '--no-trunc',
      '--quiet',
      '--filter',
      'label=dev.sallyport.test=label',
    );
    expect(labelled).toBe(id);
    // The protocol's messages are in no file of the engine.
    expect((engine as Engine).run('inspect', '--format', '{{.HostConfig.LogConfig.Type}}', id)).toBe('none');
    (engine as Engine).run('kill', id);
  });

  it('args alone are those of the entrypoint; command takes its place', () => {
    expect(run('', { command: 'echo', args: ['from', 'echo'] }).stdout).toBe('from echo');
  });

  it('mounts: read-only unless asked for, and a missing source is an error', () => {
    using folder = temporaryFolder();
    const source = join(folder.path, 'shared');
    mkdirSync(source, { mode: 0o777 });
    writeFileSync(join(source, 'file'), 'from outside');
    execFileSync('chmod', ['0777', folder.path, source]);
    const mount = (write?: boolean): object => ({
      mounts: [{ source, target: '/data', ...(write && { write }) }],
    });
    expect(run('cat /data/file', mount()).stdout).toBe('from outside');
    expect(run('touch /data/new', mount()).stderr).toContain('Read-only file system');
    expect(run('touch /data/new && echo ok', mount(true)).stdout).toBe('ok');
    const missing = join(folder.path, 'nowhere');
    expect(run('true', { mounts: [{ source: missing, target: '/data' }] }).status).not.toBe(0);
    expect(existsSync(missing)).toBe(false);
  });

  it('a digest: another content of the image is refused', () => {
    const { image } = engine as Engine;
    const other = run('true', { image, digest: `sha256:${'0'.repeat(64)}` });
    expect(other.status).not.toBe(0);
  });

  it('a digest: the same content is taken', () => {
    const { image } = engine as Engine;
    const digests = (engine as Engine).run('image', 'inspect', '--format', '{{json .RepoDigests}}', image);
    const [pinned] = JSON.parse(digests) as string[];
    const digest = pinned?.split('@')[1];
    if (digest === undefined)
      return tellSkipped('a digest that fits', 'this engine gives a local image none');
    expect(run('echo started', { digest }).stdout).toBe('started');
  });
});

describe.skipIf(!withLimits)('the limits of a container (SKIPPED where the kernel keeps none)', () => {
  /** Of cgroups version 2, else of version 1. */
  const limit = (v2: string, v1: string): string =>
    `cat /sys/fs/cgroup/${v2} 2>/dev/null || cat /sys/fs/cgroup/${v1}`;

  it('--memory: 1 GiB, and whoever takes more is ended', () => {
    expect(inContainer(limit('memory.max', 'memory/memory.limit_in_bytes')).stdout).toBe(String(1024 ** 3));
    const greedy = 'node -e "const all=[];for(;;)all.push(Buffer.alloc(8e6,1))"; echo "code $?"';
    expect(inContainer(greedy, { memory: '128MiB' }).stdout).toMatch(/code 137/);
  });

  it('--pids-limit: 256, and a fork bomb ends at it', () => {
    expect(inContainer(limit('pids.max', 'pids/pids.max')).stdout).toBe('256');
    const bomb = 'i=0; while [ $i -lt 40 ]; do sleep 5 & i=$((i+1)); done; echo survived';
    const { stdout, stderr } = inContainer(bomb, { pids: 20 });
    expect(`${stdout} ${stderr}`).toMatch(/can't fork|Resource temporarily unavailable/);
  });

  it('--cpus: one processor', () => {
    const { stdout } = inContainer(limit('cpu.max', 'cpu/cpu.cfs_quota_us'));
    expect(stdout).toMatch(/^100000(?: 100000)?$/);
  });
});
