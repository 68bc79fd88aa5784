import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { Candidate } from './candidates.ts';
import { HERE } from './folders.ts';
import { startGateway, type GatewayProcess, type Setting } from './gateway-process.ts';
import { busySeconds, cpuSeconds, memory, pin, processTree, TASKSET } from './linux.ts';
import { percent } from './markdown.ts';
import type { Plan, Report, Result } from './load/generator.ts';
import type { Window } from './results.ts';
import type { LoadScenario } from './scenarios.ts';

/** A window in which others used more than this share of the two cores says nothing and is repeated. */
const MAX_FOREIGN = 0.15;
const MAX_ATTEMPTS = 4;

export interface Timing {
  warmUpSeconds: number;
  windowSeconds: number;
}

/**
 * Measures one candidate in one scenario, with fresh processes, until the machine is quiet enough; of loud windows
 * the quietest counts. Throws on a wrong answer.
 */
export async function measureWindow(
  candidate: Candidate,
  scenario: LoadScenario,
  round: number,
  setting: Setting,
  timing: Timing,
): Promise<Window> {
  let quietest: Figures | undefined;
  let attempts = 0;
  while (attempts < MAX_ATTEMPTS && (quietest?.foreign ?? 1) > MAX_FOREIGN) {
    attempts += 1;
    const gateway = await startGateway(candidate, setting);
    try {
      const figures = await load(gateway, scenario, setting, timing);
      if (figures.foreign < (quietest?.foreign ?? Infinity)) quietest = figures;
      if (figures.foreign > MAX_FOREIGN)
        console.error(`  ${percent(figures.foreign)} of the cores went to others`);
    } finally {
      await gateway.stop();
    }
  }
  if (!quietest) throw new Error('There is no attempt without figures or an error.');
  return { scenario: scenario.name, candidate: candidate.name, round, attempts, ...quietest };
}

type Figures = Omit<Window, 'scenario' | 'candidate' | 'round' | 'attempts'>;

/** Puts one running gateway under load. */
export async function load(
  gateway: GatewayProcess,
  scenario: LoadScenario,
  setting: Setting,
  timing: Timing,
): Promise<Figures> {
  const program = [process.execPath, join(HERE, 'load', 'generator.ts')];
  const generator = spawn(TASKSET, pin(setting.cores.load, program), { stdio: ['pipe', 'pipe', 'inherit'] });
  const { call, connections } = scenario;
  const plan: Plan = { endpoint: gateway.endpoint, call, connections, ...timing };
  generator.stdin.write(`${JSON.stringify(plan)}\n`);
  const snapshot = (): Snapshot => takeSnapshot(gateway.pid, generator.pid ?? 0, setting);
  try {
    let before: Snapshot | undefined;
    for await (const line of createInterface({ input: generator.stdout })) {
      const report = JSON.parse(line) as Report;
      if (report.event === 'failed') throw new Error(report.reason);
      if (report.event === 'window') before = snapshot();
      else if (before) return figuresOf(report, before, snapshot(), scenario, gateway.pid);
    }
    throw new Error('The load generator ended without a result.');
  } finally {
    generator.kill('SIGKILL');
  }
}

/** CPU seconds used so far. */
interface Snapshot {
  cores: number;
  server: number;
  generator: number;
  ours: number;
}

function takeSnapshot(server: number, generator: number, { cores }: Setting): Snapshot {
  const tree = processTree(server);
  const own = process.cpuUsage();
  const ours = tree.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  return {
    cores: busySeconds([cores.server, cores.load]),
    server: cpuSeconds(server),
    generator: cpuSeconds(generator),
    ours: ours + cpuSeconds(generator) + (own.user + own.system) / 1e6,
  };
}

function figuresOf(
  result: Result,
  before: Snapshot,
  after: Snapshot,
  { call }: LoadScenario,
  pid: number,
): Figures {
  const { requests, seconds, p50, p99, max } = result;
  const serverSeconds = after.server - before.server;
  const foreignSeconds = after.cores - before.cores - (after.ours - before.ours);
  return {
    requests,
    requestsPerSecond: requests / seconds,
    bytesPerSecond: (requests * call.bytes) / seconds,
    p50,
    p99,
    max,
    cpuMicrosecondsPerRequest: (serverSeconds * 1e6) / requests,
    serverBusy: serverSeconds / seconds,
    generatorBusy: (after.generator - before.generator) / seconds,
    peakResident: memory(pid).peak,
    foreign: Math.max(0, foreignSeconds / (2 * seconds)),
  };
}
