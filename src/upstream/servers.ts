import { isDeepStrictEqual } from 'node:util';
import type { Call } from '../core/call.ts';
import { canonical } from '../core/canonical.ts';
import type { JsonObject } from '../core/json.ts';
import { type Era, MODERN_VERSION } from '../core/protocol.ts';
import { askable, NOTHING } from '../core/questions.ts';
import type { Reply, RpcError } from '../core/reply.ts';
import type {
  Description,
  ListChange,
  ListKind,
  ResourceUpdate,
  Upstream,
  Upstreams,
} from '../core/upstream.ts';
import type { ServerConfig } from '../config/schema.ts';
import type { Logger } from '../telemetry/log.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { Lanes } from './lanes.ts';
import type { Pin, Self, Times } from './peer.ts';
import type { Transport, TransportEvents } from './transport/transport.ts';

export interface ServersOptions {
  readonly self: Self;
  readonly times: Times;
  readonly log: Logger;
  /** Starts what a config entry names. */
  start(config: ServerConfig, events: TransportEvents): Transport | Promise<Transport>;
}

/** What is known of a server, for people and for `/health/ready`. */
export interface ServerState {
  readonly name: string;
  readonly kind: ServerConfig['kind'];
  readonly state: ConnectionState;
  /** Why it is not ready. */
  readonly detail?: string;
  readonly stderrTail?: readonly string[];
  readonly era?: Era;
}

const CHANGES: ReadonlyMap<string, ListKind> = new Map([
  ['notifications/tools/list_changed', 'tools'],
  ['notifications/prompts/list_changed', 'prompts'],
  ['notifications/resources/list_changed', 'resources'],
]);

/** What a server has to tell that belongs to no call. */
interface Events {
  changed(change: ListChange): void;
  updated(update: ResourceUpdate): void;
}

/**
 * A configured server: processes of its own for each principal that uses it, and among those for each set of abilities
 * a client declares, since a legacy server learns them once, when it is opened.
 */
class Server implements Upstream {
  readonly name: string;
  readonly config: ServerConfig;
  readonly #options: ServersOptions;
  readonly #events: Events;
  readonly #lanes = new Map<string, Lanes>();
  readonly #era: { known: Era | undefined } = { known: undefined };
  #stopped = false;

  constructor(config: ServerConfig, options: ServersOptions, events: Events) {
    this.name = config.name;
    this.config = config;
    this.#options = options;
    this.#events = events;
  }

  readonly handle = (call: Call): Promise<Reply> => this.#lanesFor(call).call(call);

  async describe(call: Call): Promise<Description | RpcError> {
    const peer = await this.#lanesFor(call).ready();
    return 'era' in peer ? peer.description : peer.error;
  }

  view(call: Call): string {
    return keyOf(call.principal.id, askable(call.client.capabilities));
  }

  watch(call: Call, uri: string): Promise<(() => void) | undefined> {
    return this.#lanesFor(call).watch(uri);
  }

  /** Starts the server for a principal, before any client of it is known. */
  async warm(principal: string): Promise<void> {
    await this.#lanesOf(principal, NOTHING).ready();
  }

  #lanesFor(call: Call): Lanes {
    const { id } = call.principal;
    const abilities = askable(call.client.capabilities);
    if (this.#era.known !== 'modern') return this.#lanesOf(id, abilities);
    // A modern server hears of the client's abilities with each call: one process does for all. But whoever came before
    // that was known stays where the first round of a call may have been.
    return this.#lanes.get(keyOf(id, abilities)) ?? this.#lanesOf(id, NOTHING);
  }

  #lanesOf(principal: string, capabilities: JsonObject): Lanes {
    const key = keyOf(principal, capabilities);
    const existing = this.#lanes.get(key);
    if (existing) return existing;
    const lanes = new Lanes(() => this.#connect(principal, capabilities));
    if (this.#stopped) void lanes.stop();
    else this.#lanes.set(key, lanes);
    return lanes;
  }

  #connect(principal: string, capabilities: JsonObject): Connection {
    const { self, times, log } = this.#options;
    const changed = (kind: ListKind): void => this.#events.changed({ server: this.name, principal, kind });
    return new Connection({
      name: this.name,
      opening: { self, times, capabilities, pinned: pinOf(this.config) },
      log,
      era: this.#era,
      start: (events) => this.#options.start(this.config, events),
      onNotification: (method, params) => {
        const kind = CHANGES.get(method);
        if (kind) changed(kind);
        const { uri } = params;
        if (method === 'notifications/resources/updated' && typeof uri === 'string')
          this.#events.updated({ server: this.name, principal, uri, params: withoutMeta(params) });
      },
      onReturn: () => [...CHANGES.values()].forEach(changed),
    });
  }

  state(): ServerState {
    const { name, config } = this;
    const connections = [...this.#lanes.values()].flatMap((lanes) => lanes.connections);
    // The worst tells the truth: one principal's server that does not start is a server that does not start.
    const connection = connections.find((each) => each.state !== 'ready') ?? connections[0];
    if (!connection) return { name, kind: config.kind, state: 'stopped' };
    const { state, peer } = connection;
    if (peer) return { name, kind: config.kind, state, era: peer.era };
    if (state !== 'failed') return { name, kind: config.kind, state };
    const { message, stderr } = connection.problem;
    return { name, kind: config.kind, state, detail: message, stderrTail: stderr };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const lanes = [...this.#lanes.values()];
    this.#lanes.clear();
    await Promise.all(lanes.map((each) => each.stop()));
  }
}

/** All configured servers, in the config's order. */
export class Servers implements Upstreams {
  readonly #options: ServersOptions;
  readonly #listeners: Partial<Events>[] = [];
  #servers = new Map<string, Server>();

  constructor(configs: readonly ServerConfig[], options: ServersOptions) {
    this.#options = options;
    for (const config of configs) this.#servers.set(config.name, this.#create(config));
  }

  all(): readonly Upstream[] {
    return [...this.#servers.values()];
  }

  get(name: string): Upstream | undefined {
    return this.#servers.get(name);
  }

  onListChanged(changed: Events['changed']): void {
    this.#listeners.push({ changed });
  }

  onResourceUpdated(updated: Events['updated']): void {
    this.#listeners.push({ updated });
  }

  states(): ServerState[] {
    return [...this.#servers.values()].map((server) => server.state());
  }

  /** Starts every server for a principal, so that the first call need not wait. Resolves when each is ready or failed. */
  async warm(principal: string): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.warm(principal)));
  }

  /** Takes over another list of servers: the changed ones restart, the rest keep running. */
  async reload(configs: readonly ServerConfig[]): Promise<void> {
    const before = this.#servers;
    this.#servers = new Map(
      configs.map((config) => {
        const running = before.get(config.name);
        return [
          config.name,
          running && isDeepStrictEqual(running.config, config) ? running : this.#create(config),
        ];
      }),
    );
    const kept = new Set(this.#servers.values());
    const gone = [...before.values()].filter((server) => !kept.has(server));
    const fresh = [...kept].filter((server) => before.get(server.name) !== server);
    for (const { name } of [...gone, ...fresh])
      for (const kind of CHANGES.values()) this.#tell.changed({ server: name, principal: undefined, kind });
    await Promise.all(gone.map((server) => server.stop()));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.stop()));
  }

  readonly #tell: Events = {
    changed: (change) => this.#listeners.forEach((listener) => listener.changed?.(change)),
    updated: (update) => this.#listeners.forEach((listener) => listener.updated?.(update)),
  };

  #create(config: ServerConfig): Server {
    return new Server(config, this.#options, this.#tell);
  }
}

function keyOf(principal: string, capabilities: JsonObject): string {
  // The length in front: the id of a principal is any text, and must not be mistaken for another one with abilities.
  return `${principal.length} ${principal} ${capabilities === NOTHING ? '' : canonical(capabilities)}`;
}

/** What the configuration says of the server's version. */
function pinOf(config: ServerConfig): Pin | undefined {
  if (config.kind === 'builtin') return undefined;
  const version = config.protocol;
  if (version !== undefined) return { era: version === MODERN_VERSION ? 'modern' : 'legacy', version };
  // Nothing modern is spoken over the older SSE.
  return config.kind === 'http' && config.type === 'sse' ? { era: 'legacy', version } : undefined;
}

/** A server's notification without the marks of the connection it came on. */
function withoutMeta(params: JsonObject): JsonObject {
  const { _meta: _, ...rest } = params;
  return rest;
}
