import type { Place } from './capacity.ts';
import type { Transport, TransportEvents } from './transport/transport.ts';

export interface SparesOptions {
  readonly count: number;
  start(events: TransportEvents): Transport | Promise<Transport>;
  /** Gets the right to run one process more, if there is room. */
  place(evict: () => void): Place | undefined;
}

interface Spare {
  readonly place: Place;
  transport: Transport | undefined;
  /** Who has it now. */
  events: TransportEvents | undefined;
}

/** A process that has started ahead, for its first user. */
export interface Taken {
  readonly place: Place;
  start(events: TransportEvents): Transport;
}

/**
 * Processes of a server that are started before anybody asks for them. They have heard nothing from anybody yet, not
 * even `initialize`, so whoever takes one gets it as new; only the time that it took to start is spent.
 */
export class Spares {
  readonly #options: SparesOptions;
  readonly #spares = new Set<Spare>();
  readonly #ending = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: SparesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#spares.size;
  }

  /** Of those that run already. */
  get pids(): number[] {
    return [...this.#spares].flatMap(({ transport }) => transport?.pid ?? []);
  }

  /** Starts as many as are missing. To be called when the server is known to start at all. */
  fill(): void {
    while (!this.#stopped && this.#spares.size < this.#options.count) {
      const place = this.#options.place(() => this.#end(spare));
      if (!place) return;
      const spare: Spare = { place, transport: undefined, events: undefined };
      this.#spares.add(spare);
      void this.#start(spare);
    }
  }

  /** @param fits may this place be handed on? */
  take(fits: (place: Place) => boolean): Taken | undefined {
    for (const spare of this.#spares) {
      const { transport, place } = spare;
      if (!transport || !fits(place)) continue;
      this.#spares.delete(spare);
      return {
        place,
        start(events) {
          spare.events = events;
          return transport;
        },
      };
    }
    return undefined;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const spare of this.#spares) this.#end(spare);
    await Promise.all(this.#ending);
  }

  async #start(spare: Spare): Promise<void> {
    const transport = await this.#options.start({
      message: (message, relatedTo) => spare.events?.message(message, relatedTo),
      overflow: (id, size) => spare.events?.overflow(id, size),
      junk: (size) => spare.events?.junk(size),
      // One that ends while nobody has it is not replaced until somebody's start has gone well.
      closed: (how) => (spare.events ? spare.events.closed(how) : this.#end(spare)),
    });
    spare.transport = transport;
    if (!this.#spares.has(spare)) this.#close(spare, transport);
  }

  #end(spare: Spare): void {
    if (!this.#spares.delete(spare)) return;
    // One that is still being started is closed when it has started.
    if (spare.transport) this.#close(spare, spare.transport);
  }

  #close(spare: Spare, transport: Transport): void {
    const ended = transport.close().then(() => {
      spare.place.release();
      this.#ending.delete(ended);
    });
    this.#ending.add(ended);
  }
}
