import type { Call } from './call.ts';
import type { Handler } from './handler.ts';
import type { JsonObject } from './json.ts';
import type { RpcError } from './reply.ts';

/** What a server says of itself, in either era. */
export interface Description {
  readonly info: JsonObject;
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
}

/** The kinds of lists a server has, as the protocol names their change notifications. */
export type ListKind = 'tools' | 'prompts' | 'resources';

/** One configured server, as the stages before it see it. */
export interface Upstream {
  readonly name: string;
  /** Starts the server for this caller where need be. An RpcError says why there is none. */
  describe(call: Call): Promise<Description | RpcError>;
  readonly handle: Handler;
  /** Callers of the same view see the same lists. */
  view(call: Call): string;
  /**
   * Asks the server to tell of a resource's updates.
   * @returns what ends it, or undefined when the server does not do that
   */
  watch(call: Call, uri: string): Promise<(() => void) | undefined>;
}

/** One of a server's lists may have changed: for one principal, or for everybody. */
export interface ListChange {
  readonly server: string;
  readonly principal: string | undefined;
  readonly kind: ListKind;
}

/** The process that served a view has ended: what it listed is forgotten, and nobody need be told. */
export interface ViewEnd {
  readonly server: string;
  readonly view: string;
}

/** A resource that somebody watches was updated. */
export interface ResourceUpdate {
  readonly server: string;
  /** Whose process it came from; undefined: everybody's. */
  readonly principal: string | undefined;
  readonly uri: string;
  /** Of the server's own notification. */
  readonly params: JsonObject;
}

/** What a legacy server tells of one of its tasks. */
export interface TaskStatus {
  readonly server: string;
  /** Whose process it came from; undefined: everybody's. */
  readonly principal: string | undefined;
  /** Of the server's own notification, its id for the task included. */
  readonly params: JsonObject;
}

/** The configured servers, in the config's order. */
export interface Upstreams {
  all(): readonly Upstream[];
  get(name: string): Upstream | undefined;
  /** Calls back when a server says that one of its lists changed, or came back with perhaps other ones. */
  onListChanged(listener: (change: ListChange) => void): void;
  /** Calls back when callers of this view get another process the next time. */
  onViewEnded(listener: (end: ViewEnd) => void): void;
  onResourceUpdated(listener: (update: ResourceUpdate) => void): void;
  onTaskStatus(listener: (status: TaskStatus) => void): void;
}
