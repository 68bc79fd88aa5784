import { untilAborted } from './stop-signal.ts';
import type { Gateway, ServerSummary } from '../../gateway.ts';

/** How often the states are looked at while the servers start, in milliseconds. */
const LOOK_MS = 50;

/**
 * Waits until every server is ready or has failed, or the time for starting is over, or the wait is given up.
 * @param onSettled told of each server once, as soon as it is ready or has failed
 */
export async function settle(
  gateway: Pick<Gateway, 'settled'> & { status(): readonly ServerSummary[] },
  onSettled: (server: ServerSummary) => void,
  giveUp: AbortSignal,
): Promise<void> {
  const told = new Set<string>();
  const look = (): void => {
    for (const server of gateway.status()) {
      if (told.has(server.name) || (server.state !== 'ready' && server.state !== 'failed')) continue;
      told.add(server.name);
      onSettled(server);
    }
  };
  const looking = setInterval(look, LOOK_MS);
  try {
    await Promise.race([gateway.settled(), untilAborted(giveUp)]);
  } finally {
    clearInterval(looking);
  }
  look();
}
