import { EventEmitter, once } from 'node:events';

/**
 * npm passes on the Ctrl-C which the terminal has sent to us already, so that one press arrives twice.
 * Nobody presses it again within this time. Milliseconds.
 */
const ONE_PRESS = 300;

export interface StopSignal {
  /** Resolves at the first SIGINT or SIGTERM. */
  readonly received: Promise<NodeJS.Signals>;
  /** Lets the signals end the process again, as they do by default. */
  release(): void;
}

/**
 * The first SIGINT or SIGTERM asks for an end, and whoever waits for `received` brings it about. Another Ctrl-C does not
 * ask; another SIGTERM changes nothing, since whoever sends those has SIGKILL for the impatient.
 */
export function stopSignal(onSecondInterrupt: () => void): StopSignal {
  let askedAt: number | null = null;
  const asked = new EventEmitter<{ signal: [NodeJS.Signals] }>();
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (askedAt !== null && signal === 'SIGINT' && now - askedAt > ONE_PRESS) onSecondInterrupt();
    askedAt ??= now;
    asked.emit('signal', signal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    received: once(asked, 'signal').then(([signal]) => signal as NodeJS.Signals),
    release() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
