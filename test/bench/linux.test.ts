import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';

import { busySeconds, cpuSeconds, memory, processTree } from './linux.ts';

describe('what the kernel counts', () => {
  it('knows the CPU time of this process', () => {
    const { user, system } = process.cpuUsage();
    expect(cpuSeconds(process.pid)).toBeCloseTo((user + system) / 1e6, 0);
    expect(cpuSeconds(2 ** 30)).toBe(0);
  });

  it('knows its memory', () => {
    const { resident, peak } = memory(process.pid);
    expect(resident).toBeGreaterThan(2 ** 20);
    expect(peak).toBeGreaterThanOrEqual(resident);
    expect(resident / process.memoryUsage.rss()).toBeCloseTo(1, 0);
  });

  it('finds children of children', async () => {
    const shell = spawn('sh', ['-c', 'sleep 30 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [printed] = (await once(shell.stdout, 'data')) as [Buffer];
      const tree = processTree(process.pid);
      expect(tree).toContain(shell.pid);
      expect(tree).toContain(Number(printed.toString()));
    } finally {
      for (const pid of processTree(shell.pid ?? 0).toReversed()) process.kill(pid, 'SIGKILL');
    }
  });

  it('counts what a core has done, and knows which cores there are', () => {
    expect(busySeconds([0])).toBeGreaterThan(0);
    expect(() => busySeconds([9999])).toThrow('no core 9999');
  });
});
