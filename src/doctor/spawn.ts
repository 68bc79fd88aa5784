import { pino } from 'pino';
import type { Loaded } from '../config/load.ts';
import type { OAuth } from '../gateway.ts';
import { build } from '../gateway/house.ts';
import { permissionsOf } from '../policy/permitted.ts';
import type { ServerState } from '../upstream/servers.ts';

/** A server that was started, and how that went. */
export interface Started {
  readonly state: ServerState;
  /** From the start to ready, or to the end of trying. Milliseconds. */
  readonly ms: number;
  /** The last lines that it printed on stderr, without secrets. */
  readonly stderr: readonly string[];
}

const LINES = 5;

/**
 * Starts every server of a configuration as the gateway would, tells how each one fared, and ends them all. It has no
 * home: nothing is pinned, and no container of a gateway that runs is taken for one that was left behind.
 */
export async function spawnAll({ config, secrets }: Loaded, oauth: OAuth): Promise<readonly Started[]> {
  const permissions = await permissionsOf(config);
  const options = { config: { ...config, guard: undefined }, secrets, oauth, log: pino({ level: 'silent' }) };
  const { servers, router, output } = build(options, () => ({ ...options, permissions }));
  try {
    const times = new Map<string, number>();
    const start = async (name: string): Promise<void> => {
      const began = performance.now();
      await servers.restart(name, 'doctor');
      times.set(name, Math.round(performance.now() - began));
    };
    await Promise.allSettled(config.servers.map(({ name }) => start(name)));
    return servers.states().map((state) => ({
      state,
      ms: times.get(state.name) ?? 0,
      stderr: state.stderrTail?.slice(-LINES) ?? output.tail(state.name, LINES).map(({ text }) => text),
    }));
  } finally {
    router.close();
    await servers.stop();
  }
}
