import { spawn, type ChildProcess } from 'node:child_process';
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
  try {
    const ended = new Promise<never>((_, reject) => {
      child.once('exit', (code, signal) => reject(new Error(`it ended with ${signal ?? code}`)));
    });
    ended.catch(() => {});
    const timeout = AbortSignal.timeout(START_SECONDS * 1000);
    const known = { host: '127.0.0.1', port, path: candidate.path, headers: [] };
    const endpoint = candidate.announces ? await Promise.race([announced(child), ended]) : known;
    await Promise.race([firstAnswer(endpoint, timeout), ended]);
    return { pid, endpoint, startMilliseconds: performance.now() - started, stop };
  } catch (error) {
    await stop();
    const printed = readFileSync(errorFile, 'utf8').slice(-2000);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${candidate.name} did not start: ${reason}\n${printed}`, { cause: error });
  }
}

/** Waits for `{"event":"ready","endpoint":…,"token":…}` on stdout. */
function announced(child: ChildProcess): Promise<Endpoint> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) throw new TypeError('stdout is not piped');
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      try {
        const { event, endpoint, token } = JSON.parse(line) as Record<string, string>;
        if (event !== 'ready' || !endpoint) return;
        const { hostname, port, pathname } = new URL(endpoint);
        const headers = token ? [`authorization: Bearer ${token}`] : [];
        resolve({ host: hostname, port: Number(port), path: pathname, headers });
      } catch (error) {
        reject(new Error(`its ready line is not understood: ${line.slice(0, 200)}`, { cause: error }));
      }
    });
    lines.once('close', () => reject(new Error('it closed stdout without a ready line')));
  });
}

async function firstAnswer(endpoint: Endpoint, timeout: AbortSignal): Promise<void> {
  for (;;) {
    let client: Client | undefined;
    try {
      client = await Client.open(endpoint);
      await client.openSession();
      await client.repeat({ era: 'legacy', tool: 'echo', bytes: 100 }, 0, () => false);
      return;
    } catch (error) {
      if (timeout.aborted) {
        throw new Error(`no right answer within ${START_SECONDS} seconds, at last: ${String(error)}`, {
          cause: error,
        });
      }
      await sleep(RETRY_MILLISECONDS);
    } finally {
      client?.close();
    }
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
