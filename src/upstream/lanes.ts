import type { Call, CallSession } from '../core/call.ts';
import { ASKING } from '../core/questions.ts';
import { failure, type Failure, type Reply } from '../core/reply.ts';
import type { Connection } from './connection.ts';
import type { Peer } from './peer.ts';

/** Processes of one server that a principal's calls may be worked on by side by side, when each may be asked something. */
const WORKING = 3;
/** The same, with those that are only kept because a call in them waits for its client. */
const LANES = 8;
/** A process beyond the first one ends when nobody needed it for this long, or for the shorter time of the config. */
const IDLE_MS = 60_000;
/** Calls that may wait for one of them to become free. */
const QUEUE = 100;

/** How long processes live. */
export interface Lifetimes {
  /** Until one that nobody uses is ended; undefined: never. */
  readonly idleMs: number | undefined;
  /** How old one may become; undefined: any age. */
  readonly maxLifetimeMs: number | undefined;
}

export interface LanesOptions {
  /** Until a process that nobody uses is ended. */
  readonly idleMs?: number | undefined;
  /** Makes a connection more. */
  connect(lanes: Lanes): Connection;
  /** A connection is ended before the others. @param ended resolves when nothing of it is left */
  ending(ended: Promise<void>): void;
}

/**
 * The connections to one server for one kind of caller: same principal, same abilities to be asked.
 *
 * Mostly that is one connection, which takes any number of calls at once. Only where a server on a pipe may ask its
 * client something, nothing on the wire says which call a question belongs to. To guess would mean to ask the wrong
 * person; so there each connection takes one call at a time, and a few more are started when that is not enough.
 */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #lanes: Connection[] = [];
  /** Too old for another call, and kept until those under way are over. */
  readonly #retired: Connection[] = [];
  /** How many listen to each resource. */
  readonly #watched = new Map<string, number>();
  readonly #busy = new Set<Connection>();
  readonly #idle = new WeakMap<Connection, NodeJS.Timeout>();
  readonly #waiting: ((lane: Connection) => void)[] = [];
  /** The open sessions that have called something here. */
  readonly #sessions = new Set<CallSession>();
  #stopped = false;

  constructor(options: LanesOptions) {
    this.#options = options;
    this.#lanes.push(options.connect(this));
  }

  /** Those that take calls, then those that only finish theirs. */
  get connections(): readonly Connection[] {
    return [...this.#lanes, ...this.#retired];
  }

  /** Is there a legacy client whose session has called something here, and is open? */
  get inSession(): boolean {
    return this.#sessions.size > 0;
  }

  /** As long as this session is open, what runs here is kept for it. */
  hold(session: CallSession): void {
    if (this.#sessions.has(session) || session.ended.cancelled) return;
    this.#sessions.add(session);
    session.ended.onCancel(() => this.#sessions.delete(session));
  }

  /** The first connection's server, or why there is none. */
  ready(): Promise<Peer | Failure> {
    return this.#first().ready();
  }

  call(call: Call): Promise<Reply> {
    const peer = this.#lanes[0]?.peer;
    return peer ? this.#with(peer, call) : this.#whenReady(call);
  }

  async #whenReady(call: Call): Promise<Reply> {
    const peer = await this.ready();
    return 'era' in peer ? this.#with(peer, call) : peer;
  }

  #with(peer: Peer, call: Call): Promise<Reply> {
    const holder = call.method.startsWith('tasks/') ? this.#taskHolder(call) : undefined;
    if (holder?.peer) return holder.call(holder.peer, call);
    const [first] = this.#lanes;
    // About a list nobody is ever asked anything.
    const isExclusive = peer.oneAtATime && ASKING.has(call.method);
    return isExclusive || !first ? this.#exclusive(call) : first.call(peer, call);
  }

  /** A task is where it was made. */
  #taskHolder({ params }: Call): Connection | undefined {
    return this.connections.find((lane) => lane.peer?.tasks.has(params['taskId']));
  }

  /** Asks for the updates of a resource; undefined when the server does not tell of them. */
  async watch(uri: string): Promise<(() => void) | undefined> {
    this.#watched.set(uri, (this.#watched.get(uri) ?? 0) + 1);
    const accepted = await this.#watchIn(this.#first());
    const release = (): void => {
      const left = (this.#watched.get(uri) ?? 1) - 1;
      if (left > 0) return void this.#watched.set(uri, left);
      this.#watched.delete(uri);
      const [first] = this.#lanes;
      if (first) void this.#watchIn(first);
    };
    if (accepted.has(uri)) return release;
    release();
    return undefined;
  }

  #watchIn(lane: Connection): Promise<ReadonlySet<string>> {
    return lane.watch(new Set(this.#watched.keys()));
  }

  /**
   * Ends what nobody has used for long, and what has become too old.
   * @param now milliseconds since 1970
   */
  sweep(now: number, { idleMs = Infinity, maxLifetimeMs = Infinity }: Lifetimes): void {
    for (const lane of this.#retired.filter((each) => !each.isBusy)) this.end(lane);
    for (const lane of this.#lanes.slice()) {
      const isBusy = lane.isBusy || this.#busy.has(lane);
      if (now - lane.startedAt >= maxLifetimeMs && lane.state === 'ready') this.#retire(lane);
      else if (!isBusy && !this.inSession && now - lane.lastUsed >= idleMs) this.end(lane);
    }
  }

  /** May this one be ended, since nobody needs it right now? */
  isFree(lane: Connection): boolean {
    return !lane.isBusy && !this.#busy.has(lane);
  }

  /** Ends one connection. The next call that needs one makes another. */
  end(lane: Connection): void {
    for (const list of [this.#lanes, this.#retired]) {
      const at = list.indexOf(lane);
      if (at !== -1) list.splice(at, 1);
    }
    this.#busy.delete(lane);
    clearTimeout(this.#idle.get(lane));
    this.#options.ending(lane.stop());
  }

  /** Ends all of them, for good. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.connections.map((lane) => lane.stop()));
  }

  /** It finishes its calls. Who watches something goes on to watch it in the one that takes its place. */
  #retire(lane: Connection): void {
    this.#lanes.splice(this.#lanes.indexOf(lane), 1);
    this.#retired.push(lane);
    void lane.watch(new Set());
    if (this.#watched.size > 0) void this.#watchIn(this.#first());
  }

  #first(): Connection {
    const [first] = this.#lanes;
    if (first) return first;
    const lane = this.#options.connect(this);
    this.#lanes.push(lane);
    if (this.#stopped) this.#options.ending(lane.stop());
    return lane;
  }

  async #exclusive(call: Call): Promise<Reply> {
    const state = call.answers?.state;
    if (state !== undefined) {
      const holder = this.connections.find((lane) => lane.peer?.holds(state));
      return holder?.peer ? holder.call(holder.peer, call) : failure('input_expired');
    }
    const lane = await this.#take(call);
    if (!lane) return failure('server_busy', 'Every process of it is working for you already.');
    const peer = await lane.ready();
    if (!('era' in peer)) {
      this.#release(lane);
      return peer;
    }
    const reply = await lane.call(peer, call);
    // A parked call keeps its process: the server is in the middle of it. But it makes room for another one.
    void peer.idle().then(() => this.#release(lane));
    if (peer.parked) this.#letIn();
    return reply;
  }

  /** A connection that nobody uses; a new one while there may be more; else the next that becomes free. */
  #take(call: Call): Promise<Connection | undefined> | Connection | undefined {
    const lane = this.#lanes.find((each) => !this.#busy.has(each)) ?? this.#another();
    if (lane) {
      this.#busy.add(lane);
      clearTimeout(this.#idle.get(lane));
      return lane;
    }
    if (this.#waiting.length >= QUEUE) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      call.cancellation.onCancel(() => {
        const place = this.#waiting.indexOf(resolve);
        if (place !== -1) this.#waiting.splice(place, 1);
        resolve(undefined);
      });
      // Clients that were asked something and never came back must not keep everybody else waiting.
      if (this.#lanes.length >= LANES) this.#lanes.find((each) => each.peer?.parked)?.peer?.evict();
    });
  }

  /** Gives the next who waits a process more, if there may be one. */
  #letIn(): void {
    const lane = this.#waiting.length > 0 ? this.#another() : undefined;
    if (!lane) return;
    this.#busy.add(lane);
    this.#waiting.shift()?.(lane);
  }

  #another(): Connection | undefined {
    const working = this.#lanes.filter((each) => !each.peer?.parked).length;
    if (working >= WORKING || this.#lanes.length >= LANES) return undefined;
    const lane = this.#options.connect(this);
    this.#lanes.push(lane);
    return lane;
  }

  #release(lane: Connection): void {
    // It was ended or retired meanwhile; who waits gets another one.
    if (!this.#lanes.includes(lane)) {
      this.#busy.delete(lane);
      return this.#letIn();
    }
    const next = this.#waiting.shift();
    if (next) return next(lane);
    this.#busy.delete(lane);
    if (lane === this.#lanes[0]) return;
    this.#endWhenIdle(lane);
  }

  /** What works on a task is needed, although nobody calls it. */
  #endWhenIdle(lane: Connection): void {
    const { idleMs = IDLE_MS } = this.#options;
    const look = (): void => (lane.isBusy ? this.#endWhenIdle(lane) : this.end(lane));
    this.#idle.set(lane, setTimeout(look, Math.min(IDLE_MS, idleMs)).unref());
  }
}
