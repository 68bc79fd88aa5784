import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { icmpPing } from './icmp.ts';

/** A busy machine takes its time to start a shell. */
const SOON = { timeout: 4000 };

const SUMMARY = `2 packets transmitted, 2 received, 0% packet loss, time 1ms
rtt min/avg/max/mdev = 0.1/0.2/0.3/0.0 ms`;

/** Puts programs with these names and shell scripts on a PATH of their own; answers their folder. */
function fakePrograms(scripts: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-ping-'));
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  vi.stubEnv('PATH', `${folder}${delimiter}/bin${delimiter}/usr/bin`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

const ping = (
  address = '127.0.0.1',
  count = 2,
  timeoutMs = 5000,
  signal?: AbortSignal,
): ReturnType<typeof icmpPing> => icmpPing(address, count, timeoutMs, signal ?? new AbortController().signal);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('icmpPing', () => {
  it('runs ping with the address behind -- and without our environment', async () => {
    vi.stubEnv('SALLYPORT_SECRET', 'canary');
    const folder = fakePrograms({
      ping: `echo "args: $*" > "$(dirname "$0")/args"; env > "$(dirname "$0")/env"; echo '${SUMMARY}'`,
    });
    await expect(ping()).resolves.toEqual({
      statistics: { sent: 2, received: 2, loss_percent: 0, min_ms: 0.1, avg_ms: 0.2, max_ms: 0.3 },
    });
    expect(readFileSync(join(folder, 'args'), 'utf8')).toBe('args: -n -c 2 -- 127.0.0.1\n');
    expect(readFileSync(join(folder, 'env'), 'utf8')).not.toContain('canary');
    expect(readFileSync(join(folder, 'env'), 'utf8')).toContain('LC_ALL=C');
  });

  it('takes the statistics of a lost cause for an answer, whatever the exit code', async () => {
    fakePrograms({ ping: `echo '2 packets transmitted, 0 received, 100% packet loss, time 1ms'; exit 1` });
    await expect(ping()).resolves.toMatchObject({ statistics: { sent: 2, received: 0, loss_percent: 100 } });
  });

  it('pings IPv6 with ping6 where there is one, else with ping', async () => {
    fakePrograms({ ping6: `echo '${SUMMARY}'`, ping: 'exit 2' });
    await expect(ping('::1')).resolves.toMatchObject({ statistics: { sent: 2 } });
    fakePrograms({ ping6: 'exit 2', ping: `echo '${SUMMARY}'` });
    await expect(ping('::1')).resolves.toMatchObject({ statistics: { sent: 2 } });
    fakePrograms({ ping6: `echo '${SUMMARY}'`, ping: 'echo no >&2; exit 2' });
    await expect(ping('127.0.0.1')).resolves.toEqual({ unavailable: 'ping said: no' });
  });

  it.each([
    [
      'iputils',
      'echo "/usr/bin/ping: socket: Operation not permitted" >&2; exit 2',
      'ping: socket: Operation not permitted',
    ],
    [
      'BusyBox',
      'echo "PING 127.0.0.1"; echo "ping: permission denied (are you root?)" >&2; exit 1',
      'ping: permission denied (are you root?)',
    ],
    ['a silent one', 'exit 3', 'nothing'],
    ['a strange one', 'echo "Reply from 127.0.0.1"', 'Reply from 127.0.0.1'],
  ])('says why there was no ping: %s', async (_name, script, words) => {
    fakePrograms({ ping: script });
    await expect(ping()).resolves.toEqual({ unavailable: `ping said: ${words}` });
  });

  it('says that there is no ping, and that it may not be run', async () => {
    const folder = fakePrograms({ ping: '' });
    vi.stubEnv('PATH', folder);
    chmodSync(join(folder, 'ping'), 0o644);
    await expect(ping()).resolves.toEqual({ unavailable: 'there is no ping program on this machine' });
    rmSync(join(folder, 'ping'));
    await expect(ping()).resolves.toEqual({ unavailable: 'there is no ping program on this machine' });
    await expect(ping('::1')).resolves.toEqual({ unavailable: 'there is no ping program on this machine' });
  });

  it('asks for the summary when the time is over', async () => {
    fakePrograms({
      ping: `trap 'echo "1 packets transmitted, 0 received, 100% packet loss"; exit 1' INT; while :; do sleep 0.05; done`,
    });
    await expect(ping('127.0.0.1', 1, 1000)).resolves.toMatchObject({ statistics: { sent: 1, received: 0 } });
  });

  it('ends a ping that does not listen', async () => {
    const folder = fakePrograms({
      ping: `trap '' INT TERM; echo $$ > "$(dirname "$0")/pid"; while :; do sleep 0.05; done`,
    });
    await expect(ping('127.0.0.1', 1, 1000)).resolves.toEqual({ unavailable: 'ping said: nothing' });
    expect(isAlive(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(false);
  });

  it('ends it when the answer is not wanted any more', async () => {
    const folder = fakePrograms({
      ping: `trap '' INT TERM; echo $$ > "$(dirname "$0")/pid"; while :; do sleep 0.05; done`,
    });
    const file = join(folder, 'pid');
    const controller = new AbortController();
    const reason = new Error('not wanted');
    const pending = ping('127.0.0.1', 10, 5000, controller.signal);
    await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8'), SOON).toMatch(/\d+\n/);
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
    const pid = Number(readFileSync(file, 'utf8'));
    await expect.poll(() => isAlive(pid), SOON).toBe(false);
    await expect(ping('127.0.0.1', 1, 100, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('does not swallow a flood', async () => {
    fakePrograms({ ping: `while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done` });
    await expect(ping('127.0.0.1', 1, 5000)).resolves.toHaveProperty('unavailable');
  });

  const system = (process.env['PATH'] ?? '')
    .split(delimiter)
    .find((folder) => existsSync(join(folder, 'ping')));
  it.skipIf(system === undefined)(
    'pings itself with the ping of this machine (SKIPPED where there is none)',
    async () => {
      const outcome = await ping('127.0.0.1', 1, 2000);
      // Where ICMP is forbidden, even a real ping can only say so.
      expect('statistics' in outcome ? outcome.statistics.received : outcome.unavailable).toEqual(
        'statistics' in outcome ? 1 : expect.stringMatching(/permi|socket|privilege|root/i),
      );
    },
  );
});
