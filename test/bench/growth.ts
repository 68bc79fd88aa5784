/**
 * How the cost of a call grows with what else the gateway has to do with: the servers that are configured and run, and
 * the sessions that are open and say nothing. Each step starts afresh, is loaded as in the other scenarios, and is to
 * be compared with the first one of its kind.
 */
import { sallyportWith } from './candidates.ts';
import { startGateway, type Setting } from './gateway-process.ts';
import { openSessions } from './footprint.ts';
import { number, table } from './markdown.ts';
import { GROWTH, type LoadScenario } from './scenarios.ts';
import { load, type Timing } from './window.ts';

export interface Step {
  readonly servers: number;
  readonly sessions: number;
}

/** What one step came to. */
export interface GrowthRow extends Step {
  readonly requestsPerSecond: number;
  /** In milliseconds. */
  readonly p99: number;
  /** Of the gateway alone. */
  readonly cpuMicrosecondsPerRequest: number;
}

export const STEPS: readonly Step[] = [
  { servers: 1, sessions: 1 },
  { servers: 10, sessions: 1 },
  { servers: 100, sessions: 1 },
  { servers: 1, sessions: 100 },
  { servers: 1, sessions: 1000 },
];

const LOAD: LoadScenario = {
  name: GROWTH,
  title: 'Growth',
  call: { era: 'legacy', tool: 'echo', bytes: 100 },
  connections: 16,
};

/** Measures one step. Throws on a wrong answer. */
export async function measureGrowth(step: Step, setting: Setting, timing: Timing): Promise<GrowthRow> {
  const gateway = await startGateway(sallyportWith(step.servers), setting);
  const idle = await openSessions(gateway, step.sessions - 1).catch(async (error: unknown) => {
    await gateway.stop();
    throw error;
  });
  try {
    const { requestsPerSecond, p99, cpuMicrosecondsPerRequest } = await load(gateway, LOAD, setting, timing);
    return { ...step, requestsPerSecond, p99, cpuMicrosecondsPerRequest };
  } finally {
    for (const client of idle) client.close();
    await gateway.stop();
  }
}

/** The steps as a table, each with its share of the first one's rate. */
export function growthTable(rows: readonly GrowthRow[]): string {
  const [first] = rows;
  if (!first) return '';
  return table(
    ['servers', 'sessions', 'requests/s', 'of the first', 'p99', 'CPU a request'],
    rows.map((row) => [
      number(row.servers, 0),
      number(row.sessions, 0),
      number(row.requestsPerSecond, 0),
      `${number((100 * row.requestsPerSecond) / first.requestsPerSecond, 0)} %`,
      `${number(row.p99, 2)} ms`,
      `${number(row.cpuMicrosecondsPerRequest, 0)} µs`,
    ]),
  );
}
