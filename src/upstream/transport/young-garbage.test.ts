import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';

const MIB = 1024 * 1024;

let largeLineRead: (size: number) => void;

// It counts over all lines of a process.
beforeEach(async () => {
  vi.resetModules();
  ({ largeLineRead } = await import('./young-garbage.ts'));
});

/** The kinds of the collections during some work, and shortly after. */
async function collections(work: () => void): Promise<number[]> {
  const kinds: number[] = [];
  const note = (list: { getEntries(): unknown[] }): void => {
    for (const entry of list.getEntries()) {
      const { flags, kind } = (entry as { detail: { flags: number; kind: number } }).detail;
      if (flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) kinds.push(kind);
    }
  };
  const observer = new PerformanceObserver(note);
  observer.observe({ entryTypes: ['gc'] });
  work();
  await delay(50);
  observer.disconnect();
  return kinds;
}

const read = (lines: number, size: number) => (): void => {
  for (let i = 0; i < lines; i++) largeLineRead(size);
};

describe('largeLineRead', () => {
  it('collects young objects only, once in 16 MiB', async () => {
    const MINOR = constants.NODE_PERFORMANCE_GC_MINOR;
    expect(await collections(read(15, MIB))).toEqual([]);
    expect(await collections(read(1, MIB))).toEqual([MINOR]);
    expect(await collections(read(32, MIB))).toEqual([MINOR, MINOR]);
  });

  it('leaves lines alone that are still on their way out', async () => {
    expect(await collections(read(10, 10 * MIB))).toEqual([]);
  });
});
