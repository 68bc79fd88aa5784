import { type ChildProcess, spawn } from 'node:child_process';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { letGo, watchOver } from './guard.ts';

/** A command as the config names it. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
}

/**
 * What a server may know of our own environment. Everything else, above all secrets, is named in its `env` or absent. The
 * way out of a company's network is no setting of one server: without it `npx` and `uvx` fetch nothing there.
 */
const INHERITED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_[A-Z]+|TZ|TERM|TMPDIR|TMP|TEMP|SYSTEMROOT|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|PROGRAMFILES|(HTTPS?|ALL|NO)_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))$/i;

/** How long the pipes of a child that has exited may stay open, in milliseconds. */
const LINGER_MS = 500;

/**
 * The children that run. When this process is made to exit without its usual farewell they end with it; after a
 * `kill -9`, which nobody hears, they end by the end of their stdin, and the guard ends those who do not.
 */
const running = new Set<ServerProcess>();
process.on('exit', () => running.forEach((child) => child.kill()));

/** A child in a process group of its own, so that whatever it starts ends with it. */
export class ServerProcess {
  readonly #child: ChildProcess | undefined;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the child is gone, with a sentence on how it went. */
  readonly exited: Promise<string>;

  constructor(command: Command) {
    const outcome = start(command);
    const child = outcome instanceof Error ? undefined : outcome;
    this.#child = child;
    // Node makes no pipes for a child that it could not start at all; then there is nobody at the other ends.
    this.stdin = child?.stdin ?? new PassThrough().resume();
    this.stdout = child?.stdout ?? new PassThrough().end();
    this.stderr = child?.stderr ?? new PassThrough().end();
    this.exited =
      outcome instanceof Error
        ? Promise.resolve(couldNotStart(command, outcome))
        : this.#ending(outcome, command);
    const { pid } = this;
    running.add(this);
    if (pid !== undefined) watchOver(pid);
    void this.exited.then(() => {
      running.delete(this);
      if (pid !== undefined) letGo(pid);
    });
  }

  /** Ends the whole group at once. */
  kill(): void {
    this.#signal('SIGKILL');
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Ends the child and everything it started. The caller has closed its stdin, which is the protocol's sign to end:
   *
   * > First, closing the input stream to the child process … Waiting for the server to exit, or sending SIGTERM … Sending
   * > SIGKILL if the server does not exit within a reasonable time after SIGTERM  (basic/lifecycle, "Shutdown")
   *
   * @param graceMs time for each of the two gentle steps
   */
  async stop(graceMs: number): Promise<void> {
    if (await this.#goneWithin(graceMs)) return;
    this.#signal('SIGTERM');
    if (await this.#goneWithin(graceMs)) return;
    this.#signal('SIGKILL');
    await this.exited;
  }

  #ending(child: ChildProcess, command: Command): Promise<string> {
    return new Promise((resolve) => {
      child.on('error', (error) => {
        if (child.pid === undefined) resolve(couldNotStart(command, error));
      });
      child.once('exit', () => {
        this.#signal('SIGKILL');
        // A process that has left the group may hold the pipes open for ever.
        setTimeout(() => {
          this.stdout.destroy();
          this.stderr.destroy();
        }, LINGER_MS).unref();
      });
      // 'close' and not 'exit': by then everything the child printed has been read.
      child.once('close', (code, signal) =>
        resolve(signal ? `it was ended by ${signal}` : `it exited with code ${code ?? 'unknown'}`),
      );
    });
  }

  async #goneWithin(ms: number): Promise<boolean> {
    const timer = new AbortController();
    const gone = await Promise.race([
      this.exited.then(() => true),
      delay(ms, false, { signal: timer.signal }).catch(() => false),
    ]);
    timer.abort();
    return gone;
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this;
    if (pid === undefined) return;
    try {
      // A negative pid means the whole group (kill(2)).
      process.kill(process.platform === 'win32' ? pid : -pid, signal);
    } catch {
      // ESRCH: nobody of the group is left.
    }
  }
}

/** Of some of the system's refusals Node makes an event; others it throws, and they are returned. */
function start(command: Command): ChildProcess | NodeJS.ErrnoException {
  try {
    // `detached` makes the child the leader of a new process group (setsid).
    return spawn(command.command, [...command.args], {
      cwd: command.cwd,
      env: childEnvironment(command.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The environment of a child: what every child may know of ours, and what is named for this one. */
export function childEnvironment(named: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => INHERITED.test(name));
  return { ...Object.fromEntries(inherited), ...named };
}

function couldNotStart(command: Command, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT')
    return command.cwd === undefined
      ? `the command "${command.command}" was not found on PATH`
      : `the command "${command.command}" or its cwd was not found`;
  if (error.code === 'EACCES') return `the command "${command.command}" is not executable`;
  return `the command "${command.command}" did not start (${error.code ?? 'unknown error'})`;
}
