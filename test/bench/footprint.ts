import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Candidate } from './candidates.ts';
import { HERE } from './folders.ts';
import { startGateway, type GatewayProcess, type Setting } from './gateway-process.ts';
import { memory, processTree } from './linux.ts';
import { Client } from './load/client.ts';
import type { Footprint } from './results.ts';

/** For candidates that start processes for each session. */
const FEWER_SESSIONS = 300;

const COLLECTIONS = 5;
const COLLECTION_MILLISECONDS = 500;

/** Start, idle memory, and the memory of idle sessions of one candidate. */
export async function measureFootprint(
  candidate: Candidate,
  round: number,
  setting: Setting,
  { settleSeconds, idleSessions }: { settleSeconds: number; idleSessions: number },
): Promise<Footprint> {
  const sessions = candidate.processPerSession ? FEWER_SESSIONS : idleSessions;
  const idle = await startGateway(candidate, setting);
  let idleResident: number;
  try {
    await sleep(settleSeconds * 1000);
    idleResident = memory(idle.pid).resident;
  } finally {
    await idle.stop();
  }
  return {
    candidate: candidate.name,
    round,
    startMilliseconds: idle.startMilliseconds,
    idleResident,
    sessions,
    ...(await measureSessions(candidate, setting, sessions)),
  };
}

/**
 * Opens as many sessions twice and reads the growth of the second time: the first brings code, caches and a heap
 * that any traffic would. Each session keeps its connection, as a client that waits for its user does.
 */
async function measureSessions(
  candidate: Candidate,
  setting: Setting,
  sessions: number,
): Promise<Pick<Footprint, 'bytesPerSession' | 'processesPerSession'>> {
  const nodeFlags = ['--import', join(HERE, 'gc-on-signal.mjs')];
  // Without SESSIONS the bare bridge hands out none.
  const gateway = await startGateway(candidate, setting, { nodeFlags, env: { SESSIONS: '1' } });
  const clients: Client[] = [];
  try {
    await settled(candidate, gateway);
    clients.push(...(await openSessions(gateway, sessions)));
    const before = await settled(candidate, gateway);
    clients.push(...(await openSessions(gateway, sessions)));
    const after = await settled(candidate, gateway);
    return {
      bytesPerSession: (after.resident - before.resident) / sessions,
      processesPerSession: (after.processes - before.processes) / sessions,
    };
  } finally {
    for (const client of clients) client.close();
    await gateway.stop();
  }
}

/** Sessions that say nothing more, each with its connection. */
export async function openSessions(gateway: GatewayProcess, count: number): Promise<Client[]> {
  const clients: Client[] = [];
  for (let i = 0; i < count; i += 1) {
    const client = await Client.open(gateway.endpoint);
    await client.openSession();
    clients.push(client);
  }
  return clients;
}

/** After one or two collections V8 still holds young space that the next sessions would be charged with. */
async function settled(
  { onNode }: Candidate,
  { pid }: GatewayProcess,
): Promise<{ resident: number; processes: number }> {
  for (let collection = 0; collection < COLLECTIONS; collection += 1) {
    if (onNode) process.kill(pid, 'SIGUSR2');
    await sleep(COLLECTION_MILLISECONDS);
  }
  return { resident: memory(pid).resident, processes: processTree(pid).length };
}
