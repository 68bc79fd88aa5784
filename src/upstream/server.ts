import type { Isolation } from '../config/isolation.ts';
import type { ServerConfig } from '../config/schema.ts';
import { filled, type ReferenceName, referencesIn } from '../config/template.ts';
import type { Call, CallSession, Client } from '../core/call.ts';
import type { JsonObject } from '../core/json.ts';
import { type Era, MODERN_VERSION } from '../core/protocol.ts';
import { askable, NOTHING } from '../core/questions.ts';
import type { Failure, Reply, RpcError } from '../core/reply.ts';
import type {
  Description,
  ListChange,
  ListKind,
  ResourceUpdate,
  TaskStatus,
  Upstream,
  ViewEnd,
} from '../core/upstream.ts';
import type { Logger } from '../telemetry/log.ts';
import { Breaker } from './breaker.ts';
import type { Capacity, Holder, Place } from './capacity.ts';
import { Connection, type EraMemory } from './connection.ts';
import { onBehalf } from './identity.ts';
import { Lanes } from './lanes.ts';
import type { Pin, Self, Times } from './peer.ts';
import { childState, stateOf } from './server-report.ts';
import type { ServerState } from './server-state.ts';
import { Spares } from './spares.ts';
import { refusalFor, secretsOf } from './references.ts';
import { laneKey, type Tenant, tenantOf } from './tenant.ts';
import type { Transport, TransportEvents } from './transport/transport.ts';

export interface ServerOptions {
  readonly self: Self;
  readonly times: Times;
  readonly log: Logger;
  /** The bound on processes, of all servers together. */
  readonly capacity: Capacity;
  /** Starts what a config entry names. */
  start(
    config: ServerConfig,
    events: TransportEvents,
    /** Values of the caller's in it that must not be shown. */
    secrets: readonly string[],
  ): Transport | Promise<Transport>;
}

export const CHANGES: ReadonlyMap<string, ListKind> = new Map([
  ['notifications/tools/list_changed', 'tools'],
  ['notifications/prompts/list_changed', 'prompts'],
  ['notifications/resources/list_changed', 'resources'],
]);

/** What `idle` is where the configuration says nothing. */
export const DEFAULT_IDLE_MS = 10 * 60_000;

/** What a server has to tell that belongs to no call. */
export interface Events {
  changed(change: ListChange): void;
  updated(update: ResourceUpdate): void;
  taskStatus(status: TaskStatus): void;
  viewEnded(end: ViewEnd): void;
}

/** What belongs to one tenant, whatever its clients can be asked. */
interface Household {
  readonly tenant: Tenant;
  readonly crashes: Breaker;
  readonly starts: Breaker;
}

/** Where the calls of a session go, and what that depends on. */
interface Home {
  readonly client: Client;
  readonly era: Era | undefined;
  readonly key: string;
  readonly lanes: Lanes;
}

/** What a process in use by an open session is put behind in the order of those to be ended. */
const IN_SESSION = Number.MAX_SAFE_INTEGER / 2;

/**
 * A configured server: processes of its own for each tenant (by default: each principal), and among those for each set
 * of abilities a client declares, since a legacy server learns them once, when it is opened.
 */
export class Server implements Upstream {
  readonly name: string;
  readonly config: ServerConfig;
  readonly #options: ServerOptions;
  readonly #events: Events;
  readonly #times: Times;
  readonly #isolation: Isolation;
  /** What its entry needs of each caller. */
  readonly #references: readonly ReferenceName[];
  readonly #lanes = new Map<string, Lanes>();
  readonly #households = new Map<string, Household>();
  /** To find out whose process a call is for takes longer than to remember it. */
  readonly #homes = new WeakMap<CallSession, Home>();
  /** The lanes that were started with the gateway, and whether somebody has used them since. */
  readonly #kept = new Map<Lanes, 'ahead' | 'used'>();
  readonly #ending = new Set<Promise<void>>();
  readonly #era: EraMemory = { known: undefined };
  /** A start that fails does so for everybody: it is the same command. */
  readonly #starts = new Breaker('start');
  readonly #spares: Spares | undefined;
  #restarts = 0;
  #lastError: ServerState['lastError'];
  #stopped = false;

  constructor(config: ServerConfig, options: ServerOptions, events: Events) {
    this.name = config.name;
    this.config = config;
    this.#options = options;
    this.#events = events;
    const { isolation = 'user', callMs, startMs, warm = 0 } = config.life ?? {};
    this.#isolation = isolation;
    this.#references = referencesIn(config);
    this.#times = {
      ...options.times,
      ...(callMs !== undefined && { callMs }),
      ...(startMs !== undefined && { startMs }),
    };
    if (warm > 0) this.#spares = this.#sparesOf(warm);
  }

  readonly handle = (received: Call): Promise<Reply> => {
    const call = onBehalf(received, this.config.identity === true);
    const lanes = this.#lanesFor(call);
    if ('kind' in lanes) return Promise.resolve(lanes);
    if (call.session) lanes.hold(call.session);
    return lanes.call(call);
  };

  async describe(call: Call): Promise<Description | RpcError> {
    const lanes = this.#lanesFor(call);
    const peer = 'kind' in lanes ? lanes : await lanes.ready();
    return 'era' in peer ? peer.description : peer.error;
  }

  view(call: Call): string {
    return laneKey(this.#tenantOf(call), askable(call.client.capabilities));
  }

  async watch(call: Call, uri: string): Promise<(() => void) | undefined> {
    const lanes = this.#lanesFor(call);
    return 'kind' in lanes ? undefined : lanes.watch(uri);
  }

  /** Starts the server for a principal, before any client of it is known. */
  async warm(principal: string): Promise<void> {
    // What it needs of its caller, only a call brings.
    if (this.#references.length > 0) return;
    const tenant = tenantOf({ principal: { id: principal, via: 'none' } }, this.#isolation);
    const lanes = this.#lanesOf(tenant, NOTHING);
    // It stays, unless the configuration says how long a process may be idle.
    if (this.#isolation !== 'session' && this.config.life?.idleMs === undefined)
      this.#kept.set(lanes, 'ahead');
    await lanes.ready();
  }

  /** Ends what nobody has used for long, and what has become too old. @param now milliseconds since 1970 */
  sweep(now: number): void {
    const { idleMs = DEFAULT_IDLE_MS, maxLifetimeMs } = this.config.life ?? {};
    for (const [key, lanes] of this.#lanes) {
      lanes.sweep(now, { idleMs: this.#kept.has(lanes) ? undefined : idleMs, maxLifetimeMs });
      this.#forgetEmpty(key, lanes);
    }
  }

  state(): ServerState {
    const connections = [...this.#lanes.values()].flatMap((lanes) => lanes.connections);
    const breakers = [...this.#households.values()].flatMap(({ starts, crashes }) => [starts, crashes]);
    return stateOf({
      config: this.config,
      isolation: this.#isolation,
      connections,
      children: [...this.#lanes].flatMap(([key, lanes]) => {
        const principal = this.#households.get(key)?.tenant.principal;
        return lanes.connections.map((each) => childState(each, principal));
      }),
      spares: this.#spares?.size ?? 0,
      sparePids: this.#spares?.pids ?? [],
      restarts: this.#restarts,
      lastError: this.#lastError,
      breaker: breakers.find((each) => each.state)?.state,
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const lanes = [...this.#lanes.values()];
    this.#lanes.clear();
    await Promise.all([this.#spares?.stop(), ...lanes.map((each) => each.stop())]);
    await Promise.all(this.#ending);
  }

  #tenantOf(call: Call): Tenant {
    return tenantOf(call, this.#isolation, this.#references);
  }

  #lanesFor(call: Call): Lanes | Failure {
    return (call.session && this.#home(call.session, call)) ?? this.#findLanes(call);
  }

  /** The lanes that the call before went to, as long as they are there, and are the ones for it. */
  #home(session: CallSession, { client }: Call): Lanes | undefined {
    const home = this.#homes.get(session);
    if (!home || home.client !== client || home.era !== this.#era.known) return undefined;
    return this.#lanes.get(home.key) === home.lanes ? home.lanes : undefined;
  }

  #findLanes(call: Call): Lanes | Failure {
    const tenant = this.#tenantOf(call);
    const refusal =
      this.#references.length > 0 ? refusalFor(tenant, this.config, this.#references) : undefined;
    if (refusal) return refusal;
    const abilities = askable(call.client.capabilities);
    // A modern server hears of the client's abilities with each call: one process does for all. But whoever came before
    // that was known stays where the first round of a call may have been.
    const own = laneKey(tenant, abilities);
    const era = this.#era.known;
    const isShared = era === 'modern' && !this.#lanes.has(own);
    const lanes = this.#lanesOf(tenant, isShared ? NOTHING : abilities);
    if (this.#kept.get(lanes) === 'ahead') this.#kept.set(lanes, 'used');
    // What a caller brings may be something else the next time.
    if (call.session && this.#references.length === 0)
      this.#homes.set(call.session, {
        client: call.client,
        era,
        key: isShared ? laneKey(tenant, NOTHING) : own,
        lanes,
      });
    return lanes;
  }

  #lanesOf(tenant: Tenant, capabilities: JsonObject): Lanes {
    const key = laneKey(tenant, capabilities);
    const existing = this.#lanes.get(key);
    if (existing) return existing;
    const household = this.#householdOf(key, tenant);
    const lanes = new Lanes({
      idleMs: this.config.life?.idleMs,
      connect: (own) => this.#connect(household, capabilities, own),
      ending: (ended) => this.#track(ended),
    });
    if (this.#stopped || tenant.session?.ended.cancelled) this.#track(lanes.stop());
    else this.#lanes.set(key, lanes);
    if (capabilities !== NOTHING) void this.#replaceAhead(tenant, lanes);
    // A session's processes end with it.
    tenant.session?.ended.onCancel(() => {
      if (this.#lanes.get(key) !== lanes) return;
      for (const each of lanes.connections) lanes.end(each);
      this.#forgetEmpty(key, lanes);
    });
    return lanes;
  }

  /**
   * What was started with the gateway is for clients that cannot be asked anything. When the first one turns out to be of
   * another kind, its process takes that place.
   */
  async #replaceAhead(tenant: Tenant, lanes: Lanes): Promise<void> {
    const key = laneKey(tenant, NOTHING);
    const ahead = this.#lanes.get(key);
    if (!ahead || this.#kept.get(ahead) !== 'ahead') return;
    const peer = await lanes.ready();
    if (!('era' in peer) || peer.era === 'modern' || this.#kept.get(ahead) !== 'ahead') return;
    this.#kept.delete(ahead);
    this.#kept.set(lanes, 'used');
    for (const each of ahead.connections) ahead.end(each);
    this.#forgetEmpty(key, ahead);
  }

  #householdOf(key: string, tenant: Tenant): Household {
    const known = this.#households.get(key);
    if (known) return known;
    const sibling = [...this.#households.values()].find((each) => each.tenant.key === tenant.key);
    const household = sibling ?? {
      tenant,
      crashes: new Breaker('crash'),
      // What somebody brings may be wrong; that must not keep others from starting theirs.
      starts: this.#references.length > 0 ? new Breaker('start') : this.#starts,
    };
    this.#households.set(key, household);
    return household;
  }

  /** The lanes of somebody who has been gone for long. */
  #forgetEmpty(key: string, lanes: Lanes): void {
    if (lanes.connections.length > 0 || this.#kept.has(lanes)) return;
    this.#lanes.delete(key);
    this.#households.delete(key);
    this.#events.viewEnded({ server: this.name, view: key });
  }

  #track(ended: Promise<void>): void {
    const tracked = ended.finally(() => this.#ending.delete(tracked));
    this.#ending.add(tracked);
  }

  #connect({ tenant, starts, crashes }: Household, capabilities: JsonObject, lanes: Lanes): Connection {
    const { self, log } = this.#options;
    const { principal } = tenant;
    const config = tenant.values ? filled(this.config, tenant.values) : this.config;
    const changed = (kind: ListKind): void => this.#events.changed({ server: this.name, principal, kind });
    const holder: Holder = {
      server: this.name,
      principal,
      evictable: () => {
        if (!lanes.isFree(connection)) return undefined;
        return connection.lastUsed + (lanes.inSession ? IN_SESSION : 0);
      },
      evict: () => lanes.end(connection),
    };
    let start = (events: TransportEvents): Transport | Promise<Transport> =>
      this.#options.start(config, events, secretsOf(tenant));
    const connection: Connection = new Connection({
      name: this.name,
      opening: { self, times: this.#times, capabilities, pinned: pinOf(this.config) },
      log,
      era: this.#era,
      breakers: { starts, crashes },
      place: () => {
        const spare = this.#spares?.take((place) => place.reassign(holder));
        if (!spare) return this.#place(holder);
        const again = start;
        start = (events) => {
          start = again;
          return spare.start(events);
        };
        return spare.place;
      },
      start: (events) => start(events),
      onNotification: (method, params) => {
        const kind = CHANGES.get(method);
        if (kind) changed(kind);
        const { uri } = params;
        if (method === 'notifications/resources/updated' && typeof uri === 'string')
          this.#events.updated({ server: this.name, principal, uri, params: withoutMeta(params) });
        if (method === 'notifications/tasks/status')
          this.#events.taskStatus({ server: this.name, principal, params: withoutMeta(params) });
      },
      onReady: () => this.#spares?.fill(),
      onReturn: () => [...CHANGES.values()].forEach(changed),
      onIdle: () => this.#options.capacity.idle(),
      onRestart: () => (this.#restarts += 1),
      onProblem: (message) => (this.#lastError = { at: Date.now(), message }),
    });
    return connection;
  }

  /** Only what is a process counts. */
  #place(holder: Holder): Place | Promise<Place | Failure> {
    const { kind } = this.config;
    return kind === 'http' || kind === 'builtin' ? FREE : this.#options.capacity.take(holder);
  }

  #sparesOf(count: number): Spares {
    return new Spares({
      count,
      start: (events) => this.#options.start(this.config, events, []),
      place: (evict) =>
        this.#options.capacity.tryTake({
          server: this.name,
          principal: undefined,
          // Before anything that somebody has.
          evictable: () => 0,
          evict,
        }),
    });
  }
}

/** The place of what is no process. */
const FREE: Place = { reassign: () => true, release: () => {} };

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
