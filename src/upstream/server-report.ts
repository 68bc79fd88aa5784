import type { Isolation } from '../config/isolation.ts';
import type { ServerConfig } from '../config/schema.ts';
import type { BreakerState } from './breaker.ts';
import type { Connection } from './connection.ts';
import type { ChildState, ServerState } from './server-state.ts';

/** What a server knows of itself. */
interface Known {
  readonly config: ServerConfig;
  readonly isolation: Isolation;
  readonly connections: readonly Connection[];
  readonly children: readonly ChildState[];
  readonly spares: number;
  readonly sparePids: readonly number[];
  readonly restarts: number;
  readonly lastError: ServerState['lastError'];
  readonly breaker: BreakerState | undefined;
}

/** The same in a few words for people. */
export function stateOf(known: Known): ServerState {
  const { config, isolation, connections, children, spares, sparePids, restarts, lastError, breaker } = known;
  // The worst tells the truth: one principal's server that does not start is a server that does not start.
  const telling = connections.find((each) => each.state !== 'ready') ?? connections[0];
  return {
    name: config.name,
    kind: config.kind,
    ...how(telling),
    isolation,
    children,
    spares,
    sparePids,
    restarts,
    ...(lastError && { lastError }),
    ...(breaker && { breaker }),
  };
}

function how(
  connection: Connection | undefined,
): Pick<ServerState, 'state' | 'era' | 'detail' | 'stderrTail'> {
  if (!connection || connection.state === 'stopped') return { state: 'idle' };
  const { state, peer, problem } = connection;
  if (peer) return { state, era: peer.era };
  return state === 'failed' ? { state, detail: problem.message, stderrTail: problem.stderr } : { state };
}

/** @param principal whose it is */
export function childState(connection: Connection, principal: string | undefined): ChildState {
  const { state, pid, startedAt, lastUsed, restarts, calls, peer } = connection;
  const parked = peer?.parked ?? false;
  return { state, pid, principal, startedAt, lastUsedAt: lastUsed, restarts, calls, parked };
}
