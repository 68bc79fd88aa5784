import { isDeepStrictEqual } from 'node:util';
import type { ServerConfig } from '../config/schema.ts';
import type { Upstream, Upstreams } from '../core/upstream.ts';
import { Capacity, type CapacityLimits, type CapacityState } from './capacity.ts';
import { CHANGES, type Events, Server, type ServerOptions } from './server.ts';
import type { ServerState } from './server-state.ts';

export type { CapacityState } from './capacity.ts';
export type { ChildState, ServerState, ServerSummary } from './server-state.ts';

export interface ServersOptions extends Omit<ServerOptions, 'capacity'> {
  /** Absent: any number of processes. */
  readonly limits?: CapacityLimits;
}

const UNLIMITED: CapacityLimits = {
  processes: Infinity,
  processesPerPrincipal: Infinity,
  processesPerServer: Infinity,
  startQueue: 0,
  startQueueMs: 1,
};
/** How often processes are looked at that may have lived long enough: a quarter of the shortest time that matters. */
const SWEEP_MOST_MS = 30_000;
const SWEEP_LEAST_MS = 50;

/** All configured servers, in the config's order. */
export class Servers implements Upstreams {
  readonly #options: ServerOptions;
  readonly #listeners: Partial<Events>[] = [];
  #servers = new Map<string, Server>();
  /** The same as a list: another list whenever they are others, and the same one as long as they are not. */
  #all: readonly Server[] = [];
  #sweep: NodeJS.Timeout | undefined;

  constructor(configs: readonly ServerConfig[], { limits = UNLIMITED, ...options }: ServersOptions) {
    this.#options = { ...options, capacity: new Capacity(limits) };
    for (const config of configs) this.#servers.set(config.name, this.#create(config));
    this.#changed();
  }

  all(): readonly Upstream[] {
    return this.#all;
  }

  get(name: string): Upstream | undefined {
    return this.#servers.get(name);
  }

  onListChanged(changed: Events['changed']): void {
    this.#listeners.push({ changed });
  }

  onViewEnded(viewEnded: Events['viewEnded']): void {
    this.#listeners.push({ viewEnded });
  }

  onResourceUpdated(updated: Events['updated']): void {
    this.#listeners.push({ updated });
  }

  onTaskStatus(taskStatus: Events['taskStatus']): void {
    this.#listeners.push({ taskStatus });
  }

  states(): ServerState[] {
    return this.#all.map((server) => server.state());
  }

  capacity(): CapacityState {
    return this.#options.capacity.state;
  }

  /** Starts every server for a principal, so that the first call need not wait. Resolves when each is ready or failed. */
  async warm(principal: string): Promise<void> {
    await Promise.all(this.#all.map((server) => server.warm(principal)));
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
    this.#changed();
    const kept = new Set(this.#servers.values());
    const gone = [...before.values()].filter((server) => !kept.has(server));
    const fresh = [...kept].filter((server) => before.get(server.name) !== server);
    for (const { name } of [...gone, ...fresh])
      for (const kind of CHANGES.values()) this.#tell.changed({ server: name, principal: undefined, kind });
    await Promise.all(gone.map((server) => server.stop()));
  }

  /**
   * Ends every process of a server and forgets that it failed; calls that come now start it afresh, and those under way
   * fail.
   * @param principal for whom it is started at once
   * @returns false where there is no server of this name
   */
  async restart(name: string, principal: string): Promise<boolean> {
    const before = this.#servers.get(name);
    if (!before) return false;
    const fresh = this.#create(before.config);
    // The place in the order stays.
    this.#servers.set(name, fresh);
    this.#changed();
    for (const kind of CHANGES.values()) this.#tell.changed({ server: name, principal: undefined, kind });
    await before.stop();
    await fresh.warm(principal);
    return true;
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    this.#options.capacity.stop();
    await Promise.all(this.#all.map((server) => server.stop()));
  }

  readonly #tell: Events = {
    changed: (change) => this.#listeners.forEach((listener) => listener.changed?.(change)),
    updated: (update) => this.#listeners.forEach((listener) => listener.updated?.(update)),
    taskStatus: (status) => this.#listeners.forEach((listener) => listener.taskStatus?.(status)),
    viewEnded: (end) => this.#listeners.forEach((listener) => listener.viewEnded?.(end)),
  };

  #create(config: ServerConfig): Server {
    return new Server(config, this.#options, this.#tell);
  }

  #changed(): void {
    this.#all = [...this.#servers.values()];
    this.#watchAge();
  }

  #watchAge(): void {
    clearInterval(this.#sweep);
    const times = this.#all.flatMap(({ config: { life = {} } }) => [
      life.idleMs ?? Infinity,
      life.maxLifetimeMs ?? Infinity,
    ]);
    const every = Math.max(SWEEP_LEAST_MS, Math.min(SWEEP_MOST_MS, ...times.map((time) => time / 4)));
    this.#sweep = setInterval(() => {
      const now = Date.now();
      for (const server of this.#all) server.sweep(now);
    }, every).unref();
  }
}
