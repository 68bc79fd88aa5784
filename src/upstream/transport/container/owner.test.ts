import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isRunning, ownerOf, processMark } from './owner.ts';

describe('whose a container is', () => {
  it("is this home's, whose path cannot be read from it", () => {
    expect(ownerOf('/home/a')).toBe(ownerOf('/home/a'));
    expect(ownerOf('/home/a')).not.toBe(ownerOf('/home/b'));
    expect(ownerOf('/home/a')).toMatch(/^[0-9a-f]{32}$/);
    expect(ownerOf(undefined)).toBeUndefined();
  });

  it('is told by a process that runs', () => {
    expect(isRunning(processMark())).toBe(true);
  });

  it.runIf(process.platform === 'linux')(
    '(SKIPPED off Linux) is told by a process that has ended, whoever got its number',
    async () => {
      const child = spawn('sleep', ['60']);
      const { pid = 0 } = child;
      const start = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[21];
      expect(isRunning(`${pid}:${start}`)).toBe(true);
      expect(isRunning(`${pid}:1`)).toBe(false);
      child.kill();
      await once(child, 'close');
      expect(isRunning(`${pid}:${start}`)).toBe(false);
    },
  );

  it.each(['', ':', 'x:1', '-1:1', '0:'])('%j is no mark of a process that runs', (mark) => {
    expect(isRunning(mark)).toBe(false);
  });
});
