import type { RateLimitsConfig, ToolLimit } from '../config/rate-limits.ts';
import type { Call } from '../core/call.ts';
import { RateLimiter } from '../core/rate.ts';
import { failure, type Failure } from '../core/reply.ts';
import { matchesAny } from './pattern.ts';

/** When somebody may come again who was turned away because too much was under way, in seconds. */
const RETRY_S = 1;

interface Limit {
  readonly config: ToolLimit;
  readonly rate: RateLimiter | undefined;
  readonly underway: Underway;
}

/** How often the tools may be called, and how many calls may be under way, for each user. */
export class ToolLimits {
  readonly #all: Underway;
  readonly #limits: readonly Limit[];

  constructor({ concurrent, tools }: Pick<RateLimitsConfig, 'concurrent' | 'tools'>) {
    this.#all = new Underway(concurrent);
    this.#limits = tools.map((config) => ({
      config,
      rate:
        config.rate === undefined
          ? undefined
          : new RateLimiter({ intervalMs: config.rate, burst: config.burst }),
      underway: new Underway(config.concurrent),
    }));
  }

  /** Counts a call of a tool. @returns why it may not be made now, or what to call when it is over */
  enter({ params, principal }: Call, server: string): Failure | (() => void) {
    const { name } = params;
    const mine = this.#limits.filter(
      ({ config: { servers, tools } }) =>
        (!servers || matchesAny(servers, server)) && typeof name === 'string' && matchesAny(tools, name),
    );
    const counts = [this.#all, ...mine.map(({ underway }) => underway)];
    if (counts.some((underway) => underway.isFull(principal.id))) return tooMany(RETRY_S);
    for (const { rate } of mine) {
      const waitMs = rate?.take(principal.id) ?? 0;
      if (waitMs > 0) return tooMany(Math.ceil(waitMs / 1000));
    }
    for (const underway of counts) underway.begin(principal.id);
    return () => counts.forEach((underway) => underway.end(principal.id));
  }
}

/** Calls under way, for each user. Who has none is not in it. */
class Underway {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  isFull(user: string): boolean {
    return (this.#counts.get(user) ?? 0) >= this.#most;
  }

  begin(user: string): void {
    this.#counts.set(user, (this.#counts.get(user) ?? 0) + 1);
  }

  end(user: string): void {
    const left = (this.#counts.get(user) ?? 1) - 1;
    if (left > 0) this.#counts.set(user, left);
    else this.#counts.delete(user);
  }
}

function tooMany(retryAfter: number): Failure {
  const { kind, error } = failure('rate_limited');
  return { kind, error: { ...error, retryAfter } };
}
