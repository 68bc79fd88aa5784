import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** A command as the config names it. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
}

/** What a server may know of our own environment. Everything else, above all secrets, is named in its `env` or absent. */
const INHERITED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_[A-Z]+|TZ|TERM|TMPDIR|TMP|TEMP|SYSTEMROOT|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|PROGRAMFILES)$/i;

/** A child in a process group of its own, so that whatever it starts ends with it. */
export class ServerProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Resolves when the child is gone, with a sentence on how it went. */
  readonly exited: Promise<string>;

  constructor(command: Command) {
    // `detached` makes the child the leader of a new process group (setsid).
    this.#child = spawn(command.command, [...command.args], {
      cwd: command.cwd,
      env: childEnvironment(command.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error: NodeJS.ErrnoException) => {
        if (this.#child.pid === undefined) resolve(couldNotStart(command, error));
      });
      // 'close' and not 'exit': by then everything the child printed has been read.
      this.#child.once('exit', () => this.#signal('SIGKILL'));
      this.#child.once('close', (code, signal) =>
        resolve(signal ? `it was ended by ${signal}` : `it exited with code ${code ?? 'unknown'}`),
      );
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get stdin(): Writable {
    return this.#child.stdin;
  }

  get stdout(): Readable {
    return this.#child.stdout;
  }

  get stderr(): Readable {
    return this.#child.stderr;
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
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      // A negative pid means the whole group (kill(2)).
      process.kill(process.platform === 'win32' ? pid : -pid, signal);
    } catch {
      // ESRCH: nobody of the group is left.
    }
  }
}

function childEnvironment(named: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
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
