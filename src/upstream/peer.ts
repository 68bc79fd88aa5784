import type { Call } from '../core/call.ts';
import type { JsonObject } from '../core/json.ts';
import type { Era } from '../core/protocol.ts';
import type { Reply } from '../core/reply.ts';
import type { Description } from '../core/upstream.ts';
import type { OpenTasks } from './open-tasks.ts';

/** A running server that is ready for calls: an edge of the house that turns a Call into the server's own language. */
export interface Peer {
  readonly era: Era;
  readonly protocolVersion: string;
  readonly description: Description;
  /**
   * May a question of the server belong to any of the calls under way? Then calls that can be asked something have
   * to come one at a time.
   */
  readonly oneAtATime: boolean;
  /** Is this the state of a call that is parked here? */
  holds(state: string): boolean;
  call(call: Call): Promise<Reply>;
  /** The tasks that were made here. */
  readonly tasks: OpenTasks;
  /** Does a call wait here for its client's answers? */
  readonly parked: boolean;
  /** Gives up the calls that wait for their clients. */
  evict(): void;
  /**
   * Sets the resources whose updates are wanted, in place of the earlier ones.
   * @returns those of them that the server tells of
   */
  watch(uris: ReadonlySet<string>): Promise<ReadonlySet<string>>;
  /** Resolves when no call is open that may be asked something by a question that does not say whose it is. */
  idle(): Promise<void>;
}

/** How a connection is opened: as whom, and on behalf of a client that can be asked these things. */
export interface Opening {
  readonly self: Self;
  readonly times: Times;
  readonly capabilities: JsonObject;
  /** What the configuration says of the server's version; then nothing is probed. */
  readonly pinned?: Pin | undefined;
}

/** An era, and the version in it that is asked for; undefined: the latest. */
export interface Pin {
  readonly era: Era;
  readonly version: string | undefined;
}

/** The gateway as servers get to know it. */
export interface Self {
  readonly name: string;
  readonly version: string;
}

/** Times for the requests to a server, in milliseconds. */
export interface Times {
  readonly callMs: number;
  /** The same for a call that tells of its progress; absent: progress gives it no more time. */
  readonly callMaxMs?: number;
  readonly startMs: number;
  /** For a person to answer a question; absent: ten minutes. */
  readonly inputMs?: number;
}
