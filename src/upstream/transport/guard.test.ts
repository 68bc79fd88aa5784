import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it, vi } from 'vitest';

/** A server that ignores the end of its input, and every polite signal, and one that it leaves behind. */
const STUBBORN = `trap '' TERM HUP INT; sleep 1000 & echo $$ $!; while :; do sleep 1; done`;

/** A gateway in small: starts such servers and says which processes they are. Its input ends it politely. */
const GATEWAY = `
import { ServerProcess } from ${JSON.stringify(join(import.meta.dirname, 'process.ts'))};
const servers = [1, 2].map(() => new ServerProcess({ command: 'sh', args: ['-c', ${JSON.stringify(STUBBORN)}], env: {} }));
for (const { stdout } of servers) stdout.on('data', (chunk) => process.stdout.write(chunk));
process.stdin.once('end', () => Promise.all(servers.map((each) => each.stop(50))).then(() => process.stdin.destroy()));
process.stdin.resume();
`;

const started: ChildProcess[] = [];
const families: number[] = [];
afterEach(() => {
  for (const each of started.splice(0)) each.kill('SIGKILL');
  for (const pid of families.splice(0)) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
});

/** @returns the gateway, and its servers with what they started */
async function startGateway(): Promise<{ gateway: ChildProcess; pids: readonly number[] }> {
  const gateway = spawn(process.execPath, ['--input-type=module', '--eval', GATEWAY], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  started.push(gateway);
  const pids: number[] = [];
  for await (const line of createInterface({ input: gateway.stdout })) {
    pids.push(...line.split(' ').map(Number));
    if (pids.length === 4) break;
  }
  families.push(...pids);
  return { gateway, pids };
}

/** The guards of this gateway: shells, each the leader of a session, that it has started. */
function guardsOf(gateway: ChildProcess): number[] {
  const all = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n');
  return all.flatMap((line) => {
    const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(parent) === gateway.pid && args.startsWith('/bin/sh -c trap') ? [Number(pid)] : [];
  });
}

function isRunning(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

describe('the guard', () => {
  it('ends what ignores the end of its input, when the gateway is killed', async () => {
    const { gateway, pids } = await startGateway();
    const guards = guardsOf(gateway);
    expect(guards).toHaveLength(1);
    expect(pids.map(isRunning)).toEqual([true, true, true, true]);
    gateway.kill('SIGKILL');
    await vi.waitUntil(() => [...pids, ...guards].every((pid) => !isRunning(pid)), {
      timeout: 15_000,
      interval: 100,
    });
  }, 20_000);

  it('ends with a gateway that has ended its servers itself, and does not keep it running', async () => {
    const { gateway, pids } = await startGateway();
    const guards = guardsOf(gateway);
    const ended = once(gateway, 'exit');
    gateway.stdin?.end();
    expect((await ended)[0]).toBe(0);
    expect(pids.some(isRunning)).toBe(false);
    // Sooner than it would be when it had to kill somebody.
    await vi.waitUntil(() => !guards.some(isRunning), { timeout: 2900, interval: 20 });
  });
});
