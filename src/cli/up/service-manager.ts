import { spawn } from 'node:child_process';

/** systemd, as far as it wants to know how this process is. */
export interface ServiceManager {
  /** Says that the work has begun, and from then on, while the event loop turns, that it goes on. */
  ready(status: string): void;
  stopping(): void;
}

/**
 * The manager that waits for a word of this process; undefined where there is none.
 *
 * The word is a datagram to the socket in `NOTIFY_SOCKET` (sd_notify(3)), and Node has no datagrams for Unix sockets; so
 * systemd's own program sends it. It is another process than the one that is watched: the unit needs `NotifyAccess=all`.
 *
 * @param onProblem gets what went wrong; without a word the manager starts this process anew, and nobody would know why
 */
export function serviceManager(
  env: NodeJS.ProcessEnv,
  onProblem: (problem: string) => void,
): ServiceManager | undefined {
  if (!env['NOTIFY_SOCKET']) return undefined;
  const say = (...words: readonly string[]): void => {
    const program = spawn('systemd-notify', words, { env, stdio: 'ignore' });
    program.once('error', ({ message }) => onProblem(message));
    program.once('exit', (code) => {
      if (code !== 0) onProblem(`systemd-notify ended with ${code ?? 'a signal'}`);
    });
  };
  const everyMs = watchdogMs(env);
  let watchdog: NodeJS.Timeout | undefined;
  return {
    ready(status) {
      say('READY=1', `STATUS=${status}`);
      if (everyMs !== undefined) watchdog = setInterval(() => say('WATCHDOG=1'), everyMs).unref();
    },
    stopping() {
      clearInterval(watchdog);
      say('STOPPING=1');
    },
  };
}

/** Half of the time that the manager waits (sd_watchdog_enabled(3)); undefined where it does not, or not for this process. */
function watchdogMs({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number | undefined {
  const microseconds = Number(WATCHDOG_USEC);
  if (!Number.isSafeInteger(microseconds) || microseconds <= 0) return undefined;
  if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== process.pid) return undefined;
  return microseconds / 2000;
}
