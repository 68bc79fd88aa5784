import type { JsonObject } from '../core/json.ts';

/**
 * What has to outlive the process: small JSON records, by kind and key. Every call is done when it returns; what was put
 * is there for the next process, and for others that have the same store open.
 */
export interface Records extends Disposable {
  /** Undefined when there is none, or when its time is over. */
  get(kind: string, key: string): JsonObject | undefined;
  /** @param expiresAt in milliseconds since 1970; undefined: never */
  put(kind: string, key: string, value: JsonObject, expiresAt?: number): void;
  /** Puts it unless there is one. @returns whether it was put */
  add(kind: string, key: string, value: JsonObject, expiresAt?: number): boolean;
  /** Gets and deletes in one step: of two who take the same record, one gets it. */
  take(kind: string, key: string): JsonObject | undefined;
  /** @returns whether there was one */
  delete(kind: string, key: string): boolean;
  /** All of a kind, in the order of their keys. */
  list(kind: string): { readonly key: string; readonly value: JsonObject }[];
  /** Everything in it happens at once, or nothing when it throws. */
  transaction<T>(work: () => T): T;
  /** A number that grows with every change, by whatever process: what was read before is still true while it stands. */
  version(): number;
}
