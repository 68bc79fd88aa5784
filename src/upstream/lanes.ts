import type { Call } from '../core/call.ts';
import { failure, type Failure, type Reply } from '../core/reply.ts';
import type { Connection } from './connection.ts';
import type { Peer } from './peer.ts';

/** Processes of one server that a principal's calls may have side by side when each may be asked something. */
const LANES = 3;
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
  readonly #busy = new Set<Connection>();
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

  async call(call: Call): Promise<Reply> {
    const [first] = this.#lanes;
    const peer = first?.peer ?? (await this.ready());
    if (!('era' in peer)) return peer;
    return peer.oneAtATime ? this.#exclusive(call) : peer.call(call);
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
    // A parked call keeps its process: the server is in the middle of it.
    void peer.idle().then(() => this.#release(lane));
    return reply;
  }

  /** A connection that nobody uses; a new one while there may be more; else the next that becomes free. */
  #take(call: Call): Promise<Connection | undefined> | Connection | undefined {
    let lane = this.#lanes.find((each) => !this.#busy.has(each));
    if (!lane && this.#lanes.length < LANES) {
      lane = this.#connect();
      this.#lanes.push(lane);
    }
    if (lane) {
      this.#busy.add(lane);
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
    });
  }

  #release(lane: Connection): void {
    const next = this.#waiting.shift();
    if (next) next(lane);
    else this.#busy.delete(lane);
  }
}
