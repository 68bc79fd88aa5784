import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { allCandidates, type Candidate } from './candidates.ts';
import { HERE } from './folders.ts';
import { startGateway, type Setting } from './gateway-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
// One core for both: here nothing is measured, and a small machine may have no other.
const setting: Setting = {
  cores: { server: 0, load: 0 },
  child: [process.execPath, join(HERE, 'echo-child.mjs')],
  folder,
};

afterAll(() => rmSync(folder, { recursive: true }));

function candidate(overrides: Partial<Candidate>): Candidate {
  const [bare] = allCandidates([]);
  if (!bare) throw new Error('There is no candidate.');
  return { ...bare, ...overrides };
}

function script(source: string): Candidate['launch'] {
  return ({ node }) => ({ command: [...node, '--eval', source] });
}

describe('startGateway', () => {
  it('waits for a right answer, and stops what it started', async () => {
    const gateway = await startGateway(candidate({}), setting);
    expect(gateway.startMilliseconds).toBeGreaterThan(10);
    expect(() => process.kill(gateway.pid, 0)).not.toThrow();
    await gateway.stop();
    expect(() => process.kill(gateway.pid, 0)).toThrow('ESRCH');
  });

  it('tells what a program printed that ends at once', async () => {
    const broken = candidate({ launch: script('console.error("no such option"); process.exit(3)') });
    await expect(startGateway(broken, setting)).rejects.toThrow(/it ended with 3\s+no such option/);
  });

  it('wants the ready line of those that announce themselves', async () => {
    const chatty = candidate({
      announces: true,
      launch: script('console.log("{}"); setInterval(() => {}, 1000)'),
    });
    await expect(startGateway(chatty, setting)).rejects.toThrow('is not the ready line');
  });
});
