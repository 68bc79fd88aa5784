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
}

/** The configured servers, in the config's order. */
export interface Upstreams {
  all(): readonly Upstream[];
  get(name: string): Upstream | undefined;
  /** Calls back when a server says that one of its lists changed, or came back with perhaps other ones. */
  onListChanged(listener: (change: { server: string; principal: string; kind: ListKind }) => void): void;
}
