import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { serviceManager } from './service-manager.ts';

describe('the service manager', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-notify-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A program of that name which writes down what it is told. */
  function recorded(): { env: NodeJS.ProcessEnv; told: () => string[] } {
    const log = join(folder, 'log');
    writeFileSync(log, '');
    writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\necho "$*" >>${log}\n`);
    chmodSync(join(folder, 'systemd-notify'), 0o755);
    const env = { PATH: [folder, process.env['PATH']].join(delimiter), NOTIFY_SOCKET: '/nowhere' };
    return { env, told: () => readFileSync(log, 'utf8').split('\n').filter(Boolean) };
  }

  it('is not there where nobody waits', () => {
    expect(serviceManager({}, expect.unreachable)).toBeUndefined();
  });

  it('hears that it is ready, that it lives, and that it stops', async () => {
    const { env, told } = recorded();
    const manager = serviceManager(
      { ...env, WATCHDOG_USEC: '40000', WATCHDOG_PID: String(process.pid) },
      expect.unreachable,
    );
    manager?.ready('1 server');
    await vi.waitFor(
      () => expect(told()).toEqual(expect.arrayContaining(['READY=1 STATUS=1 server', 'WATCHDOG=1'])),
      5000,
    );
    manager?.stopping();
    await vi.waitFor(() => expect(told()).toContain('STOPPING=1'), 5000);
  });

  it('hears nothing of life where it watches another process, or none', async () => {
    const { env, told } = recorded();
    serviceManager({ ...env, WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' }, expect.unreachable)?.ready('a');
    serviceManager(env, expect.unreachable)?.ready('b');
    await vi.waitFor(() => expect(told()).toHaveLength(2), 5000);
    expect(told().join(' ')).not.toContain('WATCHDOG');
  });

  it('says so when it cannot be reached', async () => {
    const problems: string[] = [];
    serviceManager({ PATH: folder, NOTIFY_SOCKET: '/nowhere' }, (problem) => problems.push(problem))?.ready(
      'a',
    );
    await vi.waitFor(() => expect(problems).toEqual([expect.stringContaining('ENOENT')]), 5000);
  });

  const missing = ['systemd-notify', 'python3'].find((name) => spawnSync(name, ['--version']).status !== 0);
  if (missing) process.stderr.write(`\n  SKIPPED: the real word to systemd: ${missing} is not installed\n\n`);
  it.skipIf(missing)('is told by the real program, as a datagram (SKIPPED without systemd)', async () => {
    const { spawn } = await import('node:child_process');
    const socket = join(folder, 'socket');
    const listening = `import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(${JSON.stringify(socket)})
print("bound", flush=True)
while True: print(s.recv(4096).decode(), flush=True)`;
    const receiver = spawn('python3', ['-c', listening], { stdio: ['ignore', 'pipe', 'inherit'] });
    let received = '';
    receiver.stdout.setEncoding('utf8').on('data', (text: string) => (received += text));
    try {
      await vi.waitFor(() => expect(received).toContain('bound'), 10_000);
      const env = { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '100000' };
      const manager = serviceManager(env, () => {});
      manager?.ready('2 servers');
      await vi.waitFor(() => expect(received).toMatch(/READY=1\nSTATUS=2 servers[^]*WATCHDOG=1/), 10_000);
      manager?.stopping();
    } finally {
      receiver.kill();
    }
  });
});
