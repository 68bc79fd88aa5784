import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/config/sandbox.ts';
import { sandboxed } from '../../src/upstream/transport/sandbox/bwrap.ts';
import { tellSkipped } from '../support/containers.ts';
import { child, type Gateway, startGateway } from '../support/gateway.ts';
import { callTool, textOf } from '../support/http.ts';
import { eventually, temporaryFolder, type TemporaryFolder } from '../support/processes.ts';

const tried = spawnSync('bwrap', ['--unshare-all', '--unshare-user', '--ro-bind', '/', '/', 'true'], {
  encoding: 'utf8',
});
const works = tried.status === 0;
if (!works) tellSkipped('local servers in bubblewrap', tried.error?.message ?? tried.stderr);

/** It may be beneath /tmp, of which a sandbox sees its working folder alone. */
const ROOT = resolve(import.meta.dirname, '../..');

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** Runs a shell script in the sandbox and gives back what it printed, errors too. */
function inSandbox(script: string, settings: Partial<Sandbox> = {}): string {
  const sandbox: Sandbox = { kind: 'bwrap', network: false, write: [], ...settings };
  const plain = { command: '/bin/sh', args: ['-c', `{ ${script}; } 2>&1`], env: {} };
  const { command, args } = sandboxed(plain, sandbox, existsSync);
  return spawnSync(command, args, { encoding: 'utf8' }).stdout.trim();
}

describe.skipIf(!works)('a sandbox by default (SKIPPED without bubblewrap)', () => {
  it('the machine can be read, and not written to', () => {
    expect(inSandbox('cat /etc/passwd')).toBe(readFileSync('/etc/passwd', 'utf8').trim());
    const beside = join(homedir(), 'written-by-the-sandbox');
    expect(inSandbox(`touch ${beside}`)).toContain('Read-only file system');
    expect(existsSync(beside)).toBe(false);
  });

  it('/tmp is its own', () => {
    writeFileSync(join(folder.path, 'secret'), 'of another process');
    expect(inSandbox(`cat ${folder.path}/secret`)).toContain('No such file');
    expect(inSandbox('touch /tmp/sallyport-sandbox && ls /tmp')).toBe('sallyport-sandbox');
    expect(existsSync('/tmp/sallyport-sandbox')).toBe(false);
    expect(inSandbox('echo $TMPDIR')).toBe('/tmp');
  });

  it('/run is empty: no socket of an engine or of D-Bus', () => {
    expect(inSandbox('ls -A /run /var/run/')).not.toMatch(/sock|dbus/);
  });

  it('there is no network but loopback, unless it is given', () => {
    const interfaces = 'tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " "';
    expect(inSandbox(interfaces)).toBe('lo');
    const all = execFileSync('sh', ['-c', interfaces], { encoding: 'utf8' }).trim();
    expect(inSandbox(interfaces, { network: true })).toBe(all);
  });

  it('named folders can be written to, and those beside them not', () => {
    const mine = join(folder.path, 'mine');
    mkdirSync(mine);
    inSandbox(`echo kept >${mine}/file; echo lost >${folder.path}/file`, { write: [mine] });
    expect(readFileSync(join(mine, 'file'), 'utf8')).toBe('kept\n');
    expect(existsSync(join(folder.path, 'file'))).toBe(false);
  });

  it('nobody in it has a capability, and no program gives one', () => {
    const status = inSandbox('grep -E "^(CapPrm|CapEff|CapBnd|NoNewPrivs)" /proc/self/status');
    expect(status.match(/0{16}/g)).toHaveLength(3);
    expect(status).toMatch(/NoNewPrivs:\s+1/);
  });

  it('it sees no process but its own', () => {
    expect(inSandbox('ls /proc | grep -c "^[0-9]"').length).toBe(1);
  });

  it.each(['user', 'pid', 'net', 'ipc', 'uts', 'mnt'])('its %s namespace is its own', (kind) => {
    expect(inSandbox(`readlink /proc/self/ns/${kind}`)).toMatch(/^\w+:\[\d+\]$/);
    expect(inSandbox(`readlink /proc/self/ns/${kind}`)).not.toBe(readlinkSync(`/proc/self/ns/${kind}`));
  });
});

describe.skipIf(!works)('a local server with sandbox: bwrap (SKIPPED without bubblewrap)', () => {
  let gateway: Gateway | undefined;
  afterEach(async () => {
    await gateway?.stop();
    gateway = undefined;
  });

  async function start(sandbox: unknown, path?: string): Promise<Gateway> {
    gateway = await startGateway({
      config: { mcpServers: { box: { ...child('--name', folder.path, '--stubborn'), cwd: ROOT, sandbox } } },
      ...(path !== undefined && { env: { PATH: path } }),
    });
    return gateway;
  }

  /** Processes that were started with the name of this test's folder. */
  const left = (): string[] =>
    globSync('/proc/[0-9]*/cmdline').filter((file) => {
      try {
        const words = readFileSync(file, 'utf8');
        return words.includes(folder.path) && words.includes('--stubborn');
      } catch {
        return false;
      }
    });

  it('serves, in a process namespace of its own, and ends with the gateway', async () => {
    const running = await start('bwrap');
    const who = JSON.parse(textOf(await callTool(running, 'whoami')) ?? '') as { pid: number };
    expect(who.pid).toBeLessThan(10);
    expect(left().length).toBeGreaterThan(0);
    expect((await running.stop(20_000)).code).toBe(0);
    expect(left()).toEqual([]);
  });

  it('ends with the gateway after a kill -9 too, however stubborn it is', async () => {
    const running = await start({ kind: 'bwrap', network: true });
    await callTool(running, 'whoami');
    running.program.child.kill('SIGKILL');
    await eventually('it is gone', () => left().length === 0);
  });

  it('does not start where bubblewrap is missing, and says what to do', async () => {
    const answer = await callTool(await start('bwrap', '/nonexistent'), 'whoami');
    expect(answer.last.error?.data).toMatchObject({ reason: 'server_start_failed' });
    expect(answer.text).toContain('install bubblewrap');
    expect(left()).toEqual([]);
  });

  it('does not start where user namespaces are forbidden, and says so', async () => {
    // The real bubblewrap, in a namespace in which no further ones may be made.
    const bwrap = execFileSync('sh', ['-c', 'command -v bwrap'], { encoding: 'utf8' }).trim();
    const forbidden = `#!/bin/sh\nexec unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec ${bwrap} "$@"' sh "$@"\n`;
    writeFileSync(join(folder.path, 'bwrap'), forbidden);
    chmodSync(join(folder.path, 'bwrap'), 0o755);
    const answer = await callTool(
      await start('bwrap', `${folder.path}:${process.env['PATH'] ?? ''}`),
      'whoami',
    );
    expect(answer.text).toContain('it needs user namespaces');
    expect(left()).toEqual([]);
  });

  it('does not start without a folder that it may write to', async () => {
    const answer = await callTool(await start({ kind: 'bwrap', write: ['/no/such/folder'] }), 'whoami');
    expect(answer.text).toContain('/no/such/folder');
  });
});
