import { isDeepStrictEqual } from 'node:util';
import type { Call } from '../core/call.ts';
import type { Era } from '../core/protocol.ts';
import type { Reply, RpcError } from '../core/reply.ts';
import type { Description, ListKind, Upstream, Upstreams } from '../core/upstream.ts';
import type { ServerConfig } from '../config/schema.ts';
import type { Logger } from '../telemetry/log.ts';
import { Connection, type ConnectionState } from './connection.ts';
import type { Self, Times } from './peer.ts';
import type { Transport, TransportEvents } from './transport/transport.ts';

export interface ServersOptions {
  readonly self: Self;
  readonly times: Times;
  readonly log: Logger;
  /** Starts what a config entry names. */
  start(config: ServerConfig, events: TransportEvents): Transport;
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

type Changed = (change: { server: string; principal: string; kind: ListKind }) => void;

/** A configured server: one connection, and so one process, for each principal that uses it. */
class Server implements Upstream {
  readonly name: string;
  readonly config: ServerConfig;
  readonly #options: ServersOptions;
  readonly #changed: Changed;
  readonly #connections = new Map<string, Connection>();
  readonly #era: { known: Era | undefined } = { known: undefined };
  #stopped = false;

  constructor(config: ServerConfig, options: ServersOptions, changed: Changed) {
    this.name = config.name;
    this.config = config;
    this.#options = options;
    this.#changed = changed;
  }

  readonly handle = async (call: Call): Promise<Reply> => {
    const connection = this.connect(call.principal.id);
    const peer = connection.peer ?? (await connection.ready());
    return 'era' in peer ? peer.call(call) : peer;
  };

  async describe(call: Call): Promise<Description | RpcError> {
    const peer = await this.connect(call.principal.id).ready();
    return 'era' in peer ? peer.description : peer.error;
  }

  /** The connection of a principal, started if there is none. */
  connect(principal: string): Connection {
    const existing = this.#connections.get(principal);
    if (existing) return existing;
    const { self, times, log } = this.#options;
    const changed = (kind: ListKind): void => this.#changed({ server: this.name, principal, kind });
    const connection = new Connection({
      name: this.name,
      self,
      times,
      log,
      era: this.#era,
      start: (events) => this.#options.start(this.config, events),
      onNotification: (method) => {
        const kind = CHANGES.get(method);
        if (kind) changed(kind);
      },
      onReturn: () => [...CHANGES.values()].forEach(changed),
    });
    if (this.#stopped) void connection.stop();
    else this.#connections.set(principal, connection);
    return connection;
  }

  state(): ServerState {
    const { name, config } = this;
    const connections = [...this.#connections.values()];
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
    const connections = [...this.#connections.values()];
    this.#connections.clear();
    await Promise.all(connections.map((connection) => connection.stop()));
  }
}

/** All configured servers, in the config's order. */
export class Servers implements Upstreams {
  readonly #options: ServersOptions;
  readonly #listeners: Changed[] = [];
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

  onListChanged(listener: Changed): void {
    this.#listeners.push(listener);
  }

  states(): ServerState[] {
    return [...this.#servers.values()].map((server) => server.state());
  }

  /** Starts every server for a principal, so that the first call need not wait. Resolves when each is ready or failed. */
  async warm(principal: string): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.connect(principal).ready()));
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
    await Promise.all(
      [...before.values()].filter((server) => !kept.has(server)).map((server) => server.stop()),
    );
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server.stop()));
  }

  #create(config: ServerConfig): Server {
    return new Server(config, this.#options, (change) =>
      this.#listeners.forEach((listener) => listener(change)),
    );
  }
}
