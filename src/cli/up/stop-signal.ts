import { once } from 'node:events';

/**
 * npm passes on the Ctrl-C which the terminal has sent to us already, so that one press arrives twice.
 * Nobody presses it again within this time. Milliseconds.
 */
const ONE_PRESS = 300;

export interface StopSignal {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly asked: AbortSignal;
  /** Lets the signals end the process again, as they do by default. */
  release(): void;
}

/**
 * The first SIGINT or SIGTERM asks for an end, and whoever looks at `asked` brings it about. Another Ctrl-C does not ask;
 * another SIGTERM changes nothing, since whoever sends those has SIGKILL for the impatient.
 */
export function stopSignal(onSecondInterrupt: () => void): StopSignal {
  const controller = new AbortController();
  let askedAt: number | null = null;
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (askedAt !== null && signal === 'SIGINT' && now - askedAt > ONE_PRESS) onSecondInterrupt();
    askedAt ??= now;
    controller.abort(signal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    asked: controller.signal,
    release() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

/** Waits for an abort that may have happened already. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
