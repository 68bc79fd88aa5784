import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type Command, ServerProcess } from './process.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-process-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Processes that a test started and that may still run when it fails. */
const started: number[] = [];
afterEach(() => {
  for (const pid of started.splice(0)) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
});

/** A shell that runs the script. Its standard output is collected. */
function shell(
  script: string,
  options: Partial<Command> = {},
): { server: ServerProcess; printed: () => string } {
  const server = new ServerProcess({ command: 'sh', args: ['-c', script], env: {}, ...options });
  if (server.pid !== undefined) started.push(server.pid);
  let text = '';
  server.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  server.stderr.resume();
  server.stdin.on('error', () => {});
  return { server, printed: () => text };
}

/** Waits for the script to print a process id on a line. */
async function pidFrom(printed: () => string): Promise<number> {
  for (let i = 0; i < 500; i++) {
    const found = /^(\d+)\n/m.exec(printed())?.[1];
    if (found !== undefined) {
      started.push(Number(found));
      return Number(found);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`no process id in ${printed()}`);
}

/** A zombie that nobody has waited for yet is gone. */
function isRunning(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

async function timed(promise: Promise<unknown>): Promise<number> {
  const from = performance.now();
  await promise;
  return performance.now() - from;
}

const plain = (command: string, options: Partial<Command> = {}): ServerProcess =>
  new ServerProcess({ command, args: [], env: {}, ...options });

describe('how a process ended, in words', () => {
  it.each([
    ['exit 0', 'it exited with code 0'],
    ['exit 7', 'it exited with code 7'],
    ['kill -9 $$', 'it was ended by SIGKILL'],
    ['kill -15 $$', 'it was ended by SIGTERM'],
  ])('%s: %s', async (script, sentence) => {
    expect(await shell(script).server.exited).toBe(sentence);
  });

  it('names the command that is not there', async () => {
    expect(await plain('no-such-command-here').exited).toBe(
      'the command "no-such-command-here" was not found on PATH',
    );
    expect(await plain('sh', { cwd: join(folder, 'nowhere') }).exited).toBe(
      'the command "sh" or its cwd was not found',
    );
  });

  it('names the command that is no program', async () => {
    const file = join(folder, 'text.txt');
    writeFileSync(file, 'hello', { mode: 0o644 });
    expect(await plain(file).exited).toBe(`the command "${file}" is not executable`);
    expect(await plain(folder).exited).toBe(`the command "${folder}" is not executable`);
  });

  it.each([
    ['ENOTDIR', { command: join(import.meta.filename, 'x') }],
    ['ENOTDIR', { command: 'sh', cwd: import.meta.filename }],
    ['E2BIG', { command: 'sh', args: ['-c', ':', 'x'.repeat(3_000_000)] }],
    ['ENAMETOOLONG', { command: `/${'x'.repeat(5000)}` }],
  ])('says so too when the system refuses at once, with %s', async (code, options) => {
    const server = plain('sh', options);
    expect(await server.exited).toContain(`did not start (${code})`);
    expect(server.pid).toBeUndefined();
    server.stdin.on('error', () => {}).end('nobody reads this');
    await server.stop(10);
  });

  it('comes after everything it printed has been read', async () => {
    const { server, printed } = shell(
      'i=0; while [ $i -lt 3000 ]; do echo "line $i with some more text"; i=$((i+1)); done',
    );
    await server.exited;
    expect(printed().split('\n')).toHaveLength(3001);
  });
});

describe('the environment of a server', () => {
  it('has what a program needs to start, what the config names, and no secret of ours', async () => {
    const ours = {
      AWS_SECRET_ACCESS_KEY: 'ours',
      SALLYPORT_TOKEN: 'ours',
      NPM_TOKEN: 'ours',
      DATABASE_URL: 'ours',
      PATHS_TO_SECRETS: 'ours',
      MY_HOME: 'ours',
      LC_SECRET_1: 'ours',
      NODE_OPTIONS: '--trace-exit',
      LC_ALL: 'C.UTF-8',
      HTTPS_PROXY: 'http://proxy:3128',
      no_proxy: 'localhost',
      NODE_EXTRA_CA_CERTS: '/etc/ssl/company.pem',
      MY_HTTPS_PROXY: 'ours',
      TZ: 'Asia/Seoul',
    };
    const before = { ...process.env };
    Object.assign(process.env, ours);
    try {
      const { server, printed } = shell('env', { env: { API_KEY: 'a b=c', TZ: 'Europe/Paris' } });
      await server.exited;
      const seen = new Map(
        printed()
          .trimEnd()
          .split('\n')
          .map((line): [string, string] => {
            const at = line.indexOf('=');
            return [line.slice(0, at), line.slice(at + 1)];
          }),
      );
      expect(printed()).not.toContain('=ours');
      expect(seen.has('NODE_OPTIONS')).toBe(false);
      expect(seen.get('API_KEY')).toBe('a b=c');
      expect(seen.get('TZ')).toBe('Europe/Paris');
      expect(seen.get('LC_ALL')).toBe('C.UTF-8');
      // The way out of a company's network, without which npx fetches nothing.
      expect(seen.get('HTTPS_PROXY')).toBe('http://proxy:3128');
      expect(seen.get('no_proxy')).toBe('localhost');
      expect(seen.get('NODE_EXTRA_CA_CERTS')).toBe('/etc/ssl/company.pem');
      expect(seen.get('PATH')).toBe(process.env['PATH']);
    } finally {
      for (const name of Object.keys(ours)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });

  it('may have a PATH of its own, on which the command is looked for', async () => {
    writeFileSync(join(folder, 'only-here'), '#!/bin/sh\nexit 5\n', { mode: 0o755 });
    expect(await plain('only-here', { env: { PATH: folder } }).exited).toBe('it exited with code 5');
    expect(await plain('only-here').exited).toContain('not found');
  });

  it('runs where it is told to', async () => {
    const { server, printed } = shell('pwd -P', { cwd: folder });
    await server.exited;
    expect(printed().trim()).toBe(execFileSync('pwd', ['-P'], { cwd: folder, encoding: 'utf8' }).trim());
  });
});

describe('stopping a server', () => {
  it('lets one go by itself that ends at the end of its input', async () => {
    const { server, printed } = shell('trap "echo TERM" TERM; cat > /dev/null; echo bye');
    server.stdin.end();
    expect(await timed(server.stop(5000))).toBeLessThan(2000);
    expect(printed()).toBe('bye\n');
    expect(await server.exited).toBe('it exited with code 0');
  });

  it('sends SIGTERM to one that does not, after the first grace', async () => {
    const { server, printed } = shell('trap "echo TERM; exit 0" TERM; echo $$; while :; do sleep 0.02; done');
    await pidFrom(printed);
    server.stdin.end();
    const ms = await timed(server.stop(400));
    expect(ms).toBeGreaterThanOrEqual(395);
    expect(printed()).toContain('TERM');
    // By its own hand, and not by the SIGKILL that would have come after another 400 ms.
    expect(await server.exited).toBe('it exited with code 0');
  });

  it('kills one that ignores that, with all that it started, after the second', async () => {
    const { server, printed } = shell(
      'trap "" TERM; sh -c \'trap "" TERM; echo $$; while :; do sleep 1; done\' & wait; wait',
    );
    const grandchild = await pidFrom(printed);
    server.stdin.end();
    const ms = await timed(server.stop(150));
    expect(ms).toBeGreaterThanOrEqual(295);
    expect(ms).toBeLessThan(4000);
    expect(await server.exited).toBe('it was ended by SIGKILL');
    expect([server.pid, grandchild].filter((pid) => pid !== undefined && isRunning(pid))).toEqual([]);
  });

  it('takes what it started with it when the server ends by itself', async () => {
    const { server, printed } = shell('sleep 600 & echo $!; exit 3');
    const grandchild = await pidFrom(printed);
    expect(await server.exited).toBe('it exited with code 3');
    expect(isRunning(grandchild)).toBe(false);
  });

  it('does not wait for ever for a process that left the group and holds the pipes open', async () => {
    // As a server does that starts a daemon: a session of its own, our standard output inherited.
    const { server, printed } = shell('setsid sleep 600 & echo $!; sleep 0.2; exit 4');
    const daemon = await pidFrom(printed);
    expect(await timed(server.exited)).toBeLessThan(3000);
    expect(await server.exited).toBe('it exited with code 4');
    if (isRunning(daemon)) process.kill(daemon, 'SIGKILL');
  });

  it('does nothing to one that has ended, or never began', async () => {
    const { server } = shell('exit 0');
    await server.exited;
    expect(await timed(server.stop(5000))).toBeLessThan(1000);
    const never = plain('no-such-command-here');
    expect(await timed(never.stop(5000))).toBeLessThan(1000);
  });

  it('may be asked for twice at once', async () => {
    const { server } = shell('trap "" TERM; sleep 600');
    server.stdin.end();
    await Promise.all([server.stop(50), server.stop(50)]);
    expect(await server.exited).toBe('it was ended by SIGKILL');
  });
});
