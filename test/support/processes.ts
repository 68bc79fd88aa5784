import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The checkout. */
export const ROOT: string = resolve(import.meta.dirname, '../..');
/** The command under test, as `npm run build` left it. */
export const SALLYPORT: string = join(ROOT, 'bin', 'sallyport.js');
/**
 * Compiled code, shared by all programs under test. Their homes are new, so that each would compile the same few hundred
 * modules once more.
 */
export const COMPILED: string = join(ROOT, 'node_modules', '.cache', 'compiled');
/** The scriptable stdio server of `child.mjs`. */
export const CHILD: string = join(import.meta.dirname, 'child.mjs');

/** How a process ended. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A running program with everything it printed so far. */
export interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when it is gone and everything it printed has been read. */
  readonly ended: Promise<Ending>;
  /** SIGTERM, and SIGKILL to its whole group if it stays longer than `graceMs`. */
  stop(graceMs?: number): Promise<Ending>;
}

/** Programs that still run: none may outlive the tests, however they end. */
const running = new Set<number>();
process.once('exit', () => {
  for (const pid of running) killGroup(pid);
});

/** Starts a program in a process group of its own. */
export function start(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {},
): Program {
  const child = spawn(command, [...args], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} could not be started`);
  running.add(pid);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A program that ended before it read its input is not the test's problem.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input);
  const ended = new Promise<Ending>((settle) => {
    child.once('close', (code, signal) => {
      running.delete(pid);
      settle({ code, signal });
    });
  });
  return {
    child,
    pid,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    async stop(graceMs = 10_000) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => killGroup(pid), graceMs);
      const ending = await ended;
      clearTimeout(timer);
      return ending;
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}

/** Is there a process of this id? A zombie that nobody has waited for counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A new empty folder that goes away with the test's `await using`, or by `remove`. */
export interface TemporaryFolder extends Disposable {
  readonly path: string;
  remove(): void;
}

export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-'));
  const remove = (): void => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  return { path, remove, [Symbol.dispose]: remove };
}

/**
 * Asks again and again until the answer is neither undefined nor false.
 * @param what named in the error when the time is over
 */
export async function eventually<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`after ${timeoutMs} ms still not: ${what}`);
    await new Promise((settle) => setTimeout(settle, 20));
  }
}

/** Does something over and over for a second: what is to be true after one, however busy the machine is. */
export async function aSecondOf(work: () => Promise<unknown>): Promise<void> {
  const end = performance.now() + 1000;
  while (performance.now() < end) {
    // One after the other.
    await work();
    await new Promise((settle) => setTimeout(settle, 50));
  }
}
