import type { Call } from '../core/call.ts';
import { ASKING } from '../core/questions.ts';
import { failure, type Failure, type Reply } from '../core/reply.ts';
import type { Connection } from './connection.ts';
import type { Peer } from './peer.ts';

/** Processes of one server that a principal's calls may be worked on by side by side, when each may be asked something. */
const WORKING = 3;
/** The same, with those that are only kept because a call in them waits for its client. */
const LANES = 8;
/** A process beyond the first one ends when nobody needed it for this long. */
const IDLE_MS = 60_000;
/** Calls that may wait for one of them to become free. */
const QUEUE = 100;

/**
 * The connections to one server for one kind of caller: same principal, same abilities to be asked.
 *
 * Mostly that is one connection, which takes any number of calls at once. Only where a server on a pipe may ask its
 * client something, nothing on the wire says which call a question belongs to. To guess would mean to ask the wrong
 * person; so there each connection takes one call at a time, and a few more are started when that is not enough.
 */
export class Lanes {
  readonly #connect: () => Connection;
  readonly #lanes: Connection[] = [];
  /** How many listen to each resource. */
  readonly #watched = new Map<string, number>();
  readonly #busy = new Set<Connection>();
  readonly #idle = new WeakMap<Connection, NodeJS.Timeout>();
  readonly #waiting: ((lane: Connection) => void)[] = [];

  constructor(connect: () => Connection) {
    this.#connect = connect;
    this.#lanes.push(connect());
  }

  get connections(): readonly Connection[] {
    return this.#lanes;
  }

  /** The first connection's server, or why there is none. */
  async ready(): Promise<Peer | Failure> {
    const [first] = this.#lanes;
    return first ? first.ready() : failure('shutting_down');
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
    const [first] = this.#lanes;
    // About a list nobody is ever asked anything.
    const isExclusive = peer.oneAtATime && ASKING.has(call.method);
    return isExclusive || !first ? this.#exclusive(call) : first.call(peer, call);
  }

  /** Asks for the updates of a resource; undefined when the server does not tell of them. */
  async watch(uri: string): Promise<(() => void) | undefined> {
    const [first] = this.#lanes;
    if (!first) return undefined;
    this.#watched.set(uri, (this.#watched.get(uri) ?? 0) + 1);
    const accepted = await first.watch(new Set(this.#watched.keys()));
    const release = (): void => {
      const left = (this.#watched.get(uri) ?? 1) - 1;
      if (left > 0) return void this.#watched.set(uri, left);
      this.#watched.delete(uri);
      void first.watch(new Set(this.#watched.keys()));
    };
    if (accepted.has(uri)) return release;
    release();
    return undefined;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }

  async #exclusive(call: Call): Promise<Reply> {
    const state = call.answers?.state;
    if (state !== undefined) {
      const holder = this.#lanes.find((lane) => lane.peer?.holds(state));
      return holder?.peer?.call(call) ?? failure('input_expired');
    }
    const lane = await this.#take(call);
    if (!lane) return failure('server_busy', 'Every process of it is working for you already.');
    const peer = await lane.ready();
    if (!('era' in peer)) {
      this.#release(lane);
      return peer;
    }
    const reply = await peer.call(call);
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
    const lane = this.#connect();
    this.#lanes.push(lane);
    return lane;
  }

  #release(lane: Connection): void {
    const next = this.#waiting.shift();
    if (next) return next(lane);
    this.#busy.delete(lane);
    if (lane === this.#lanes[0]) return;
    const end = (): void => {
      this.#lanes.splice(this.#lanes.indexOf(lane), 1);
      void lane.stop();
    };
    this.#idle.set(lane, setTimeout(end, IDLE_MS).unref());
  }
}
