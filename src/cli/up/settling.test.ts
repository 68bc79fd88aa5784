import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ServerSummary } from '../../gateway.ts';
import { settle } from './settling.ts';

const server = (name: string, state: ServerSummary['state']): ServerSummary => ({
  name,
  kind: 'stdio',
  state,
});

const never = new AbortController().signal;

describe('settle', () => {
  it('tells of each server once, in the order they settle', async () => {
    const told: string[] = [];
    let states = [server('a', 'starting'), server('b', 'starting'), server('c', 'starting')];
    const settled = (async () => {
      await sleep(80);
      states = [server('a', 'starting'), server('b', 'ready'), server('c', 'starting')];
      await sleep(120);
      states = [server('a', 'failed'), server('b', 'ready'), server('c', 'starting')];
    })();
    const gateway = { status: () => states, settled: () => settled };
    await settle(gateway, ({ name, state }) => told.push(`${name} ${state}`), never);
    expect(told).toEqual(['b ready', 'a failed']);
  });

  it('stops looking where waiting fails', async () => {
    let looks = 0;
    const gateway = {
      status: () => (looks++, []),
      settled: () => Promise.reject(new Error('closed')),
    };
    await expect(settle(gateway, () => {}, never)).rejects.toThrow('closed');
    const before = looks;
    await sleep(120);
    expect(looks).toBe(before);
  });

  it('gives up when it is told to, though a server hangs', async () => {
    const gateway = { status: () => [server('a', 'starting')], settled: () => new Promise<void>(() => {}) };
    await settle(gateway, () => {}, AbortSignal.timeout(60));
  });
});
