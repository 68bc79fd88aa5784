import type { Isolation } from '../config/isolation.ts';
import type { ServerConfig } from '../config/schema.ts';
import type { Era } from '../core/protocol.ts';
import type { BreakerState } from './breaker.ts';
import type { ConnectionState } from './connection.ts';

/** How a server is, in short. */
export interface ServerSummary {
  readonly name: string;
  readonly kind: ServerConfig['kind'];
  /** `idle`: nothing of it runs, since nobody uses it, and nothing is known to be wrong with it. */
  readonly state: Exclude<ConnectionState, 'stopped'> | 'idle';
  /** Why it is not ready. */
  readonly detail?: string;
  readonly stderrTail?: readonly string[];
  readonly era?: Era;
}

/** What is known of a server, for people and for `/health/ready`. */
export interface ServerState extends ServerSummary {
  readonly isolation: Isolation;
  readonly children: readonly ChildState[];
  /** Processes that are started ahead and belong to nobody yet. */
  readonly spares: number;
  readonly sparePids: readonly number[];
  /** How often one of its processes was started again because it had ended or had not started. */
  readonly restarts: number;
  /** The last thing that went wrong with it, though it may be well by now. */
  readonly lastError?: { readonly at: number; readonly message: string };
  /** Present while it is not tried at every call, because it failed too often. */
  readonly breaker?: BreakerState;
}

/** A process of a server, or a connection to a remote one. */
export interface ChildState {
  readonly state: ConnectionState;
  /** Undefined where it is no process of this machine. */
  readonly pid: number | undefined;
  /** Whose it is; undefined for one that is shared. */
  readonly principal: string | undefined;
  /** When it became what it is: ready, or failed. Milliseconds since 1970, as are all of these. */
  readonly startedAt: number;
  readonly lastUsedAt: number;
  readonly restarts: number;
  /** Calls without an answer. */
  readonly calls: number;
  /** Does a call in it wait for its client's answers? */
  readonly parked: boolean;
}
