import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { measureByTurns } from './by-turns.ts';
import { allCandidates } from './candidates.ts';
import { HERE } from './folders.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('measureByTurns', () => {
  it('gives each candidate as many windows, in pairs', async () => {
    const [bare] = allCandidates([]);
    if (!bare) throw new Error('There is no candidate.');
    const windows = await measureByTurns(
      () => [bare, { ...bare, name: 'other' }],
      {
        name: 'echo',
        title: 'echo',
        call: { era: 'legacy', tool: 'echo', bytes: 100 },
        connections: 2,
      },
      2,
      // One core for both: nothing is measured here.
      { cores: { server: 0, load: 0 }, child: [process.execPath, join(HERE, 'echo-child.mjs')], folder },
      { warmUpSeconds: 0.1, windowSeconds: 0.1 },
      2,
    );
    const turns = [1, 2, 3, 4];
    expect(windows.map((some) => some.map(({ round }) => round))).toEqual([turns, turns]);
    expect(windows.map(([first]) => first?.candidate)).toEqual(['bare', 'other']);
    for (const { requests, requestsPerSecond } of windows.flat()) {
      expect(requests).toBeGreaterThan(0);
      expect(requestsPerSecond).toBeGreaterThan(0);
    }
  }, 60_000);
});
