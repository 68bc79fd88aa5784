import { failure, type Failure } from '../core/reply.ts';

/** How many processes there may be, and what becomes of those who want one more. */
export interface CapacityLimits {
  readonly processes: number;
  readonly processesPerPrincipal: number;
  readonly processesPerServer: number;
  /** Starts that may wait for a place. */
  readonly startQueue: number;
  /** How long each of them waits, in milliseconds. */
  readonly startQueueMs: number;
}

/** How near the bounds are. */
export interface CapacityState {
  /** Processes that run or are being started. */
  readonly processes: number;
  /** Starts that wait for a place. */
  readonly waiting: number;
  readonly limits: Pick<CapacityLimits, 'processes' | 'processesPerPrincipal' | 'processesPerServer'>;
}

/** Who has a place, or wants one. */
export interface Holder {
  readonly server: string;
  /** Undefined for a process that is nobody's, or everybody's. */
  readonly principal: string | undefined;
  /** How soon it may be ended for another one: the lowest number goes first. Undefined: it is in use. */
  evictable(): number | undefined;
  /** Ends it. Its place is given back when it has ended. */
  evict(): void;
}

/** The right to run one process. */
export interface Place {
  /** Hands it on to another one; false when that one may not have it. */
  reassign(holder: Holder): boolean;
  release(): void;
}

interface Waiting {
  readonly holder: Holder;
  readonly grant: (place: Place | Failure) => void;
}

/**
 * The bound on processes: in all, for one user, and of one server. Where a bound is reached, the process that nobody
 * has used for longest makes room. Where all are in use, a start waits in a queue; when that is full, or the wait is
 * too long, the caller is told to come again.
 */
export class Capacity {
  readonly #limits: CapacityLimits;
  /** Everybody who has a place, and who of them was told to give it back. */
  readonly #held = new Map<Holder, 'stays' | 'leaves'>();
  readonly #waiting: Waiting[] = [];
  #stopped = false;

  constructor(limits: CapacityLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#held.size;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get state(): CapacityState {
    const { processes, processesPerPrincipal, processesPerServer } = this.#limits;
    const limits = { processes, processesPerPrincipal, processesPerServer };
    return { processes: this.size, waiting: this.waiting, limits };
  }

  /** A place if one is free right now. */
  tryTake(holder: Holder): Place | undefined {
    return this.#full(holder) === undefined ? this.#give(holder) : undefined;
  }

  /** A place, at once where there is one; else when there is one, or why there is none. */
  take(holder: Holder): Place | Promise<Place | Failure> {
    return this.tryTake(holder) ?? this.#queue(holder);
  }

  /** A process is no longer in use: it may make room for those who wait. */
  idle(): void {
    if (this.#waiting.length > 0) this.#serve();
  }

  /** Nobody waits any longer. */
  stop(): void {
    this.#stopped = true;
    for (const { grant } of this.#waiting.splice(0)) grant(failure('shutting_down'));
  }

  #queue(holder: Holder): Promise<Place | Failure> {
    if (this.#stopped) return Promise.resolve(failure('shutting_down'));
    if (this.#waiting.length >= this.#limits.startQueue) return Promise.resolve(this.#refusal(holder));
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        resolve(this.#refusal(holder));
      }, this.#limits.startQueueMs);
      const waiting: Waiting = {
        holder,
        grant(place) {
          clearTimeout(late);
          resolve(place);
        },
      };
      this.#waiting.push(waiting);
      this.#makeRoom(holder);
    });
  }

  /** Ends what nobody uses, among those that stand in the way of this one. */
  #makeRoom(wanting: Holder): void {
    const full = this.#full(wanting);
    if (!full) return;
    const wanted = this.#waiting.filter(({ holder }) => full.counts(holder)).length;
    const leaving = [...this.#held].filter(([holder, how]) => how === 'leaves' && full.counts(holder)).length;
    if (leaving >= wanted) return;
    const candidates = [...this.#held].flatMap(([holder, how]) => {
      const rank = how === 'stays' && full.counts(holder) ? holder.evictable() : undefined;
      return rank === undefined ? [] : [{ holder, rank }];
    });
    const [first] = candidates.toSorted((a, b) => a.rank - b.rank);
    if (!first) return;
    this.#held.set(first.holder, 'leaves');
    first.holder.evict();
  }

  /** Gives free places to those who wait, in their order; a bound of one's own does not hold up the others. */
  #serve(): void {
    for (const waiting of this.#waiting.slice()) {
      const place = this.tryTake(waiting.holder);
      if (!place) {
        this.#makeRoom(waiting.holder);
        continue;
      }
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.grant(place);
    }
  }

  #give(first: Holder): Place {
    let holder: Holder | undefined = first;
    this.#held.set(first, 'stays');
    return {
      reassign: (next) => {
        if (!holder || this.#held.get(holder) !== 'stays') return false;
        this.#held.delete(holder);
        const isFree = this.#full(next) === undefined;
        holder = isFree ? next : holder;
        this.#held.set(holder, 'stays');
        return isFree;
      },
      release: () => {
        if (!holder) return;
        this.#held.delete(holder);
        holder = undefined;
        this.#serve();
      },
    };
  }

  /** The bound that is reached for this one, with who counts towards it. */
  #full(wanting: Holder): { readonly what: string; counts(holder: Holder): boolean } | undefined {
    const { processes, processesPerPrincipal, processesPerServer } = this.#limits;
    const { server, principal } = wanting;
    const bounds = [
      { most: processes, what: 'of the whole gateway', counts: (): boolean => true },
      { most: processesPerServer, what: 'of this server', counts: (each: Holder) => each.server === server },
      ...(principal === undefined
        ? []
        : [
            {
              most: processesPerPrincipal,
              what: 'of this user',
              counts: (each: Holder) => each.principal === principal,
            },
          ]),
    ];
    return bounds.find(({ most, counts }) => {
      if (this.#held.size < most) return false;
      let held = 0;
      for (const holder of this.#held.keys()) if (counts(holder)) held += 1;
      return held >= most;
    });
  }

  #refusal(holder: Holder): Failure {
    const whose = this.#full(holder)?.what ?? 'of the whole gateway';
    const seconds = Math.max(1, Math.ceil(this.#limits.startQueueMs / 2000));
    const { kind, error } = failure('at_capacity', `The limit ${whose} is reached.`, {
      server: holder.server,
      retryAfterMs: seconds * 1000,
    });
    return { kind, error: { ...error, retryAfter: seconds } };
  }
}
