import type { Found, Query } from './query.ts';
import type { Commune, Origin } from './commune.ts';

/** What somebody has found, and where. */
export interface Sourced<T> {
  readonly value: T;
  readonly origin: Origin;
  /** What the caller should know besides: that another source stood in, or that there may be more. */
  readonly note?: string | undefined;
}

/** Where communes are looked up: the embedded data, or an API. */
export interface Source {
  /** An API, somewhere else. */
  readonly isRemote: boolean;
  search(query: Query, signal: AbortSignal): Promise<Sourced<Found>>;
  /** @returns the commune, or undefined when it has none of this code */
  get(code: string, signal: AbortSignal): Promise<Sourced<Commune | undefined>>;
}
