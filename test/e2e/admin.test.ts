import { readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayReport } from '../../src/admin/report.ts';
import { child, type Gateway, sallyport, startGateway } from '../support/gateway.ts';
import { callTool, textOf } from '../support/http.ts';
import { eventually, isAlive, SALLYPORT, start } from '../support/processes.ts';

let gateway: Gateway | undefined;
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
});

const homeOf = (running: Gateway): string => join(running.home, 'home');
const run = (running: Gateway, ...args: string[]): ReturnType<typeof sallyport> =>
  sallyport(args, { env: { SALLYPORT_HOME: homeOf(running) } });

async function statusOf(running: Gateway): Promise<GatewayReport> {
  return JSON.parse((await run(running, 'status', '--json')).stdout) as GatewayReport;
}

describe('the admin socket', () => {
  it('is for its owner alone, and goes with the gateway', async () => {
    const running = (gateway = await startGateway({ config: { mcpServers: { a: child() } } }));
    const folder = join(homeOf(running), 'run');
    const [socket = ''] = readdirSync(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, socket)).mode & 0o777).toBe(0o600);
    running.program.child.kill('SIGTERM');
    await running.program.ended;
    expect(readdirSync(folder)).toEqual([]);
    const { code, stderr } = await run(running, 'status');
    expect(code).toBe(5);
    expect(stderr).toContain('no gateway runs here\n  sallyport up   starts one');
  });

  it('of a gateway that was killed is removed by the next one', async () => {
    const running = (gateway = await startGateway({ config: { mcpServers: { a: child() } } }));
    const folder = join(homeOf(running), 'run');
    const [stale = ''] = readdirSync(folder);
    process.kill(running.pid, 'SIGKILL');
    await running.program.ended;
    expect(readdirSync(folder)).toEqual([stale]);
    expect((await run(running, 'status')).code).toBe(5);

    const args = ['up', '--json', '--listen', '127.0.0.1:0', '--config', running.configFile];
    const env = { PATH: process.env['PATH'], SALLYPORT_HOME: homeOf(running) };
    const next = start(process.execPath, [SALLYPORT, ...args], { env });
    try {
      await eventually('it is ready', () => next.stdout().includes('\n'), 30_000);
      expect(readdirSync(folder)).toHaveLength(1);
      expect(readdirSync(folder)).not.toContain(stale);
      expect((await statusOf(running)).pid).toBe(next.pid);
    } finally {
      await next.stop();
    }
  });

  it('that cannot be made keeps no gateway from serving', async () => {
    const long = 'x'.repeat(100);
    const running = (gateway = await startGateway({
      config: { mcpServers: { a: child() } },
      env: { SALLYPORT_HOME: `/tmp/sallyport-${process.pid}-${long}` },
    }));
    expect(textOf(await callTool(running, 'echo', { text: 'served' }))).toBe('served');
    expect(running.program.stderr()).toContain('is too long a path for a socket');
  });
});

describe('sallyport status', () => {
  it('shows servers, their processes, calls, restarts, memory and the last error', async () => {
    const running = (gateway = await startGateway({
      config: {
        mcpServers: {
          files: { ...child(), warm: 1 },
          broken: child('--refuse', 'no API key'),
          net: { builtin: 'net' },
        },
      },
    }));
    const hanging = callTool(running, 'files__hang').catch(() => undefined);
    const report = await eventually('the call is seen', async () => {
      const now = await statusOf(running);
      const [files] = now.servers;
      return files?.children[0]?.calls === 1 && files.spareMemory !== undefined && now;
    });
    const who = JSON.parse(textOf(await callTool(running, 'files__whoami')) ?? '') as { pid: number };
    expect(report).toMatchObject({ pid: running.pid, endpoint: running.endpoint, sessions: 0 });
    // One with a call in it, one ahead of the next user; and the broken one, as often as it is tried.
    const { processes, waiting, limits } = report.capacity;
    expect([processes === 2 || processes === 3, waiting]).toEqual([true, 0]);
    expect(limits.processes).toBeGreaterThan(processes);
    const [files, broken, net] = report.servers;
    expect(files).toMatchObject({ name: 'files', state: 'ready', children: [{ pid: who.pid, calls: 1 }] });
    expect(files?.children[0]?.memory).toBeGreaterThan(10_000_000);
    // The one that was started ahead costs memory as well.
    expect(files).toMatchObject({ spares: 1, sparePids: [expect.any(Number)] });
    expect(files?.spareMemory).toBeGreaterThan(10_000_000);
    expect(broken).toMatchObject({ name: 'broken', restarts: expect.any(Number) });
    expect(broken?.lastError?.message).toContain('no API key');
    expect(net).toMatchObject({ name: 'net', kind: 'builtin' });

    const { stdout } = await run(running, 'status');
    expect(stdout).toMatch(/^✓ files +ready +1 \+ 1 spare +1 +0 +0 +\d+ MB$/m);
    expect(stdout).toMatch(/^[✗…] broken +(?:failed|starting|backoff)/m);
    process.kill(who.pid, 'SIGKILL');
    await hanging;
  });

  it('--watch ends with the gateway', async () => {
    const running = (gateway = await startGateway({ config: { mcpServers: { a: child() } } }));
    const env = { PATH: process.env['PATH'], SALLYPORT_HOME: homeOf(running) };
    const watching = start(process.execPath, [SALLYPORT, 'status', '--watch', '--json'], { env });
    await eventually('it looked twice', () => watching.stdout().split('\n').length > 2, 30_000);
    running.program.child.kill('SIGTERM');
    expect((await watching.ended).code).toBe(5);
    expect(watching.stderr()).toContain('the gateway has ended');
  });
});

describe('sallyport logs', () => {
  it('shows what was printed, follows what is, and ends with the gateway', async () => {
    const running = (gateway = await startGateway({ config: { mcpServers: { a: child(), b: child() } } }));
    await callTool(running, 'a__stderr', { text: 'first' });
    await callTool(running, 'a__stderr', { text: 'second' });
    await callTool(running, 'b__stderr', { text: 'of another one' });
    await eventually(
      'it was printed',
      async () => (await run(running, 'logs', 'a')).stdout === 'first\nsecond\n',
    );
    expect((await run(running, 'logs', 'a', '-n', '1')).stdout).toBe('second\n');
    const [line = ''] = (await run(running, 'logs', 'a', '--json')).stdout.split('\n');
    expect(JSON.parse(line)).toEqual({ at: expect.any(Number), text: 'first' });

    const env = { PATH: process.env['PATH'], SALLYPORT_HOME: homeOf(running) };
    const following = start(process.execPath, [SALLYPORT, 'logs', 'a', '-f', '-n', '1'], { env });
    await eventually('it is there', () => following.stdout() === 'second\n', 30_000);
    await callTool(running, 'b__stderr', { text: 'of another one' });
    await callTool(running, 'a__stderr', { text: 'third' });
    await eventually('the third line came', () => following.stdout() === 'second\nthird\n');
    running.program.child.kill('SIGTERM');
    expect((await following.ended).code).toBe(0);
    expect(following.stderr()).toBe('The gateway has ended.\n');
  });

  it('says which server may have been meant', async () => {
    const running = (gateway = await startGateway({ config: { mcpServers: { files: child() } } }));
    for (const command of ['logs', 'restart']) {
      const { code, stderr } = await run(running, command, 'fiels');
      expect(code).toBe(1);
      expect(stderr).toContain('did you mean files?');
    }
  });
});

describe('sallyport restart', () => {
  it('ends the processes of one server and starts it afresh', async () => {
    const running = (gateway = await startGateway({ config: { mcpServers: { a: child(), b: child() } } }));
    const pidOf = async (server: string): Promise<number> =>
      (JSON.parse(textOf(await callTool(running, `${server}__whoami`)) ?? '') as { pid: number }).pid;
    const [a, b] = [await pidOf('a'), await pidOf('b')];
    const { code, stderr } = await run(running, 'restart', 'a');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '✓ a  stdio, ready\n' });
    expect(isAlive(a)).toBe(false);
    expect(await pidOf('a')).not.toBe(a);
    expect(await pidOf('b')).toBe(b);
  });

  it('closes the breaker of one that was mended, and tells why one is still broken', async () => {
    const running = (gateway = await startGateway({
      config: { mcpServers: { a: child('--refuse', 'no API key') } },
    }));
    const { code, stderr } = await run(running, 'restart', 'a');
    expect(code).toBe(1);
    expect(stderr).toContain('no API key');
  });
});

describe('what is no socket of a gateway', () => {
  it('is not talked to', async () => {
    const running = (gateway = await startGateway({ config: { mcpServers: { a: child() } } }));
    // A socket that accepts and never answers must not look like a gateway that is well.
    const mute = createServer((socket) => void socket.resume());
    const path = join(homeOf(running), 'run', '1-ffffff.sock');
    await new Promise<void>((resolve) => mute.listen(path, resolve));
    const { code, stderr } = await run(running, 'status');
    expect(code).toBe(5);
    expect(stderr).toContain('the gateway does not answer');
    await new Promise((resolve) => mute.close(resolve));
  });
});
