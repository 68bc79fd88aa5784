import { describe, expect, it } from 'vitest';
import { memory, processTree } from '../bench/linux.ts';
import { type Gateway, packaged, startGateway } from '../support/gateway.ts';
import { Session, textOf } from '../support/http.ts';
import { eventually } from '../support/processes.ts';

const SESSIONS = 50;
const MOST_CHILDREN = 3;
const MOST_BYTES = 300e6;

interface Cost {
  readonly children: number;
  readonly bytes: number;
}

/** The processes of servers, and the memory of everything that the gateway is. */
function costOf(gateway: Gateway): Cost {
  const all = processTree(gateway.pid);
  const bytes = all.reduce((sum, pid) => sum + residentOf(pid), 0);
  // The gateway itself, and the shell that sees to it that nothing outlives it.
  return { children: all.length - 2, bytes };
}

/** None, where the process ended since it was listed. */
function residentOf(pid: number): number {
  try {
    return memory(pid).resident || 0;
  } catch {
    return 0;
  }
}

describe(`${SESSIONS} sessions of one user on server-everything`, () => {
  it.each([
    ['that cannot be asked anything', {}],
    ['that can be asked everything', { elicitation: {}, sampling: {}, roots: {} }],
  ])('of clients %s cost few processes and little memory', async (_kind, capabilities) => {
    await using gateway = await startGateway({
      // What a burst of calls has started beyond the first process is gone soon after it.
      config: { mcpServers: { everything: { ...packaged('server-everything'), idle: '1s' } } },
    });
    const sessions = await Promise.all(
      Array.from({ length: SESSIONS }, () => Session.open(gateway, { capabilities })),
    );
    const said = await Promise.all(
      sessions.map(async (session, i) => textOf(await session.call('echo', { message: `from ${i}` }))),
    );
    expect(said).toEqual(sessions.map((_session, i) => `Echo: from ${i}`));
    expect(costOf(gateway).children).toBeGreaterThan(0);
    const isLittle = ({ children, bytes }: Cost): boolean => children <= MOST_CHILDREN && bytes < MOST_BYTES;
    await eventually('they cost no more than they may', () => isLittle(costOf(gateway)), 15_000);
    expect(textOf((await sessions[49]?.call('echo', { message: 'last' })) ?? {})).toBe('Echo: last');
  });
});
