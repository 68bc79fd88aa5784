import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import type { Candidate } from './candidates.ts';
import { HERE } from './folders.ts';
import { startGateway, type GatewayProcess, type Setting } from './gateway-process.ts';
import { busySeconds, cpuSeconds, memory, pin, processTree, TASKSET } from './linux.ts';
import { percent } from './markdown.ts';
import type { Plan, Report, Result, Timing } from './load/generator.ts';
import type { Window } from './results.ts';
import type { LoadScenario } from './scenarios.ts';

/** A window in which others used more than this share of the two cores says nothing and is repeated. */
const MAX_FOREIGN = 0.15;
const MAX_ATTEMPTS = 4;

export type { Timing };

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

/** Puts one running gateway under load once. */
export async function load(
  gateway: GatewayProcess,
  scenario: LoadScenario,
  setting: Setting,
  timing: Timing,
): Promise<Figures> {
  await using generator = new Load(gateway, scenario, setting);
  return await generator.window(timing);
}

/** A load generator on its core, with its connections to one running gateway. */
export class Load implements AsyncDisposable {
  readonly #gateway: GatewayProcess;
  readonly #scenario: LoadScenario;
  readonly #setting: Setting;
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #reports: AsyncIterator<string>;

  constructor(gateway: GatewayProcess, scenario: LoadScenario, setting: Setting) {
    this.#gateway = gateway;
    this.#scenario = scenario;
    this.#setting = setting;
    const program = [process.execPath, join(HERE, 'load', 'generator.ts')];
    this.#process = spawn(TASKSET, pin(setting.cores.load, program), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#reports = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    const { call, connections } = scenario;
    this.#tell({ endpoint: gateway.endpoint, call, connections });
  }

  /** Calls for as long as it says, on the connections that are there. Throws on a wrong answer. */
  async window(timing: Timing): Promise<Figures> {
    this.#tell(timing);
    await this.#report('window');
    const before = this.#snapshot();
    const result = await this.#report('result');
    return figuresOf(result, before, this.#snapshot(), this.#scenario, this.#gateway.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }

  #tell(line: Plan | Timing): void {
    this.#process.stdin.write(`${JSON.stringify(line)}\n`);
  }

  async #report<E extends Report['event']>(event: E): Promise<Extract<Report, { event: E }>> {
    const { value, done } = await this.#reports.next();
    if (done) throw new Error('The load generator ended without a result.');
    const report = JSON.parse(value) as Report;
    if (report.event === 'failed') throw new Error(report.reason);
    if (!isOf(report, event)) throw new Error(`The load generator said ${report.event} before ${event}.`);
    return report;
  }

  #snapshot(): Snapshot {
    return takeSnapshot(this.#gateway.pid, this.#process.pid ?? 0, this.#setting);
  }
}

function isOf<E extends Report['event']>(report: Report, event: E): report is Extract<Report, { event: E }> {
  return report.event === event;
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
