import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Candidate } from './candidates.ts';
import { freePort } from './free-port.ts';
import { pin, processTree, TASKSET } from './linux.ts';
import { Client } from './load/client.ts';
import type { Endpoint } from './load/request.ts';

const START_SECONDS = 30;
const RETRY_MILLISECONDS = 1;
const STOP_MILLISECONDS = 3000;

/** What all starts of a run have in common. */
export interface Setting {
  cores: { server: number; load: number };
  /** Command of the echo child. */
  child: readonly string[];
  folder: string;
}

export interface StartOptions {
  /** Flags for candidates that run on Node. */
  nodeFlags?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** A candidate that has given its first right answer. */
export interface GatewayProcess {
  pid: number;
  endpoint: Endpoint;
  /** From the start of the process to its first answered call. */
  startMilliseconds: number;
  stop(): Promise<void>;
}

const running = new Set<number>();

// Nothing may outlive the benchmark, however it ends.
process.on('exit', () => {
  for (const pid of running) killTree(pid);
});

/** Starts a candidate on its core and waits for its first answer. Throws with what it printed to stderr. */
export async function startGateway(
  candidate: Candidate,
  setting: Setting,
  { nodeFlags = [], env = {} }: StartOptions = {},
): Promise<GatewayProcess> {
  const port = await freePort();
  const launch = candidate.launch({
    port,
    node: [process.execPath, ...nodeFlags],
    child: [TASKSET, ...pin(setting.cores.load, setting.child)],
    folder: setting.folder,
  });
  const errorFile = join(setting.folder, `${candidate.name}.stderr`);
  const errors = openSync(errorFile, 'w');
  const started = performance.now();
  const child = spawn(TASKSET, pin(setting.cores.server, launch.command), {
    cwd: setting.folder,
    env: { ...process.env, ...launch.env, ...env },
    stdio: ['pipe', candidate.announces ? 'pipe' : 'ignore', errors],
  });
  closeSync(errors);
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${TASKSET} could not be started.`);
  running.add(pid);
  const stop = (): Promise<void> => stopGateway(child, pid);
  const over = new AbortController();
  child.once('exit', (code, signal) => over.abort(new Error(`it ended with ${signal ?? code}`)));
  const timer = setTimeout(
    () => over.abort(new Error(`silent for ${START_SECONDS} s`)),
    START_SECONDS * 1000,
  );
  try {
    const endpoint = await endpointOf(candidate, child, port, over.signal);
    await firstAnswer(endpoint, over.signal);
    return { pid, endpoint, startMilliseconds: performance.now() - started, stop };
  } catch (error) {
    const reason: unknown = over.signal.reason ?? error;
    await stop();
    const printed = readFileSync(errorFile, 'utf8').slice(-2000);
    throw new Error(`${candidate.name} did not start: ${String(reason)}\n${printed}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** What is known before, or what the candidate says: `{"event":"ready","endpoint":…,"token":…}` on stdout. */
async function endpointOf(
  { announces, path, token: given }: Candidate,
  child: ChildProcess,
  port: number,
  over: AbortSignal,
): Promise<Endpoint> {
  if (!announces || !child.stdout) return { host: '127.0.0.1', port, path, headers: [] };
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line', { signal: over })) as [string];
  const { event, endpoint, token } = JSON.parse(line) as Record<string, unknown>;
  if (event !== 'ready' || typeof endpoint !== 'string' || typeof token !== 'string') {
    throw new Error('its first line on stdout is not the ready line');
  }
  const url = new URL(endpoint);
  return {
    host: url.hostname,
    port: Number(url.port),
    // A candidate of several servers is called at one of them.
    path: path === '/mcp' ? url.pathname : path,
    headers: [`authorization: Bearer ${given ?? token}`],
  };
}

/** Tries until the echo comes back right, or until it is over. */
async function firstAnswer(endpoint: Endpoint, over: AbortSignal): Promise<void> {
  let last: unknown;
  while (!over.aborted) {
    try {
      await echoOnce(endpoint, over);
      return;
    } catch (error) {
      last = error;
      await sleep(RETRY_MILLISECONDS);
    }
  }
  throw new Error('No right answer.', { cause: last });
}

async function echoOnce(endpoint: Endpoint, over: AbortSignal): Promise<void> {
  const client = await Client.open(endpoint);
  const close = (): void => client.close();
  over.addEventListener('abort', close);
  try {
    await client.openSession();
    await client.repeat({ era: 'legacy', tool: 'echo', bytes: 100 }, 0, () => false);
  } finally {
    over.removeEventListener('abort', close);
    client.close();
  }
}

async function stopGateway(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    running.delete(pid);
    return;
  }
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const tree = processTree(pid);
  child.kill('SIGTERM');
  await Promise.race([exited, sleep(STOP_MILLISECONDS)]);
  for (const member of tree) kill(member);
  await exited;
  running.delete(pid);
}

function killTree(pid: number): void {
  for (const member of processTree(pid)) kill(member);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
