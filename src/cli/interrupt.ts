import { EXIT, type ExitCode } from './exit-codes.ts';

/**
 * Runs something that can be cancelled by Ctrl-C or SIGTERM: the first signal aborts, a second one ends the process the
 * usual way. The abort's reason is the signal.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = (signal: NodeJS.Signals): void => controller.abort(signal);
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', abort);
    process.off('SIGTERM', abort);
  }
}

/** The exit code of work that was cut off by {@link interruptible}. */
export function interruptCode({ reason }: AbortSignal): ExitCode {
  return reason === 'SIGTERM' ? EXIT.TERMINATED : EXIT.INTERRUPTED;
}
