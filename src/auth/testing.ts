/** What the tests of this folder share: a store in memory. */
import type { JsonObject } from '../core/json.ts';
import type { Records } from '../store/records.ts';

interface Entry {
  readonly value: JsonObject;
  readonly expiresAt: number | undefined;
}

/** Records as the store keeps them, for one process and without a file. */
export class MemoryRecords implements Records {
  readonly #entries = new Map<string, Entry>();
  #version = 0;

  get(kind: string, key: string): JsonObject | undefined {
    const entry = this.#entries.get(at(kind, key));
    if (!entry || (entry.expiresAt ?? Infinity) <= Date.now()) return undefined;
    return structuredClone(entry.value);
  }

  put(kind: string, key: string, value: JsonObject, expiresAt?: number): void {
    this.#version += 1;
    this.#entries.set(at(kind, key), { value: structuredClone(value), expiresAt });
  }

  add(kind: string, key: string, value: JsonObject, expiresAt?: number): boolean {
    if (this.get(kind, key)) return false;
    this.put(kind, key, value, expiresAt);
    return true;
  }

  take(kind: string, key: string): JsonObject | undefined {
    const value = this.get(kind, key);
    this.delete(kind, key);
    return value;
  }

  delete(kind: string, key: string): boolean {
    const was = this.get(kind, key) !== undefined;
    this.#entries.delete(at(kind, key));
    this.#version += 1;
    return was;
  }

  list(kind: string): { key: string; value: JsonObject }[] {
    return [...this.#entries.keys()].sort().flatMap((name) => {
      const [ofKind, key] = JSON.parse(name) as [string, string];
      const value = ofKind === kind ? this.get(kind, key) : undefined;
      return value ? [{ key, value }] : [];
    });
  }

  transaction<T>(work: () => T): T {
    return work();
  }

  version(): number {
    return this.#version;
  }

  [Symbol.dispose](): void {
    this.#entries.clear();
  }

  /** Everything in it, as text. */
  dump(): string {
    return JSON.stringify([...this.#entries]);
  }
}

function at(kind: string, key: string): string {
  return JSON.stringify([kind, key]);
}
