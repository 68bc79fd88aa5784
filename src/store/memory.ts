import { isObject, type JsonObject } from '../core/json.ts';
import type { Records } from './records.ts';

interface Kept {
  /** As text, so that nobody changes what is kept by changing what was put. */
  readonly text: string;
  readonly expiresAt: number | undefined;
}

/** Records that end with the process: for tests, and where nothing is to be kept. */
export class MemoryRecords implements Records {
  #kinds = new Map<string, Map<string, Kept>>();
  #version = 0;

  get(kind: string, key: string): JsonObject | undefined {
    return read(this.#kinds.get(kind)?.get(key));
  }

  put(kind: string, key: string, value: JsonObject, expiresAt?: number): void {
    const records = this.#kinds.get(kind) ?? new Map<string, Kept>();
    this.#kinds.set(kind, records.set(key, { text: JSON.stringify(value), expiresAt }));
    this.#version += 1;
  }

  add(kind: string, key: string, value: JsonObject, expiresAt?: number): boolean {
    if (this.get(kind, key)) return false;
    this.put(kind, key, value, expiresAt);
    return true;
  }

  take(kind: string, key: string): JsonObject | undefined {
    const value = this.get(kind, key);
    if (this.#kinds.get(kind)?.delete(key)) this.#version += 1;
    return value;
  }

  delete(kind: string, key: string): boolean {
    return this.take(kind, key) !== undefined;
  }

  list(kind: string): { readonly key: string; readonly value: JsonObject }[] {
    return [...(this.#kinds.get(kind) ?? [])]
      .flatMap(([key, kept]) => {
        const value = read(kept);
        return value ? [{ key, value }] : [];
      })
      .toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  transaction<T>(work: () => T): T {
    const before = new Map([...this.#kinds].map(([kind, records]) => [kind, new Map(records)]));
    try {
      return work();
    } catch (error) {
      this.#kinds = before;
      throw error;
    }
  }

  version(): number {
    return this.#version;
  }

  [Symbol.dispose](): void {
    this.#kinds.clear();
  }
}

function read(kept: Kept | undefined): JsonObject | undefined {
  if (!kept || (kept.expiresAt !== undefined && kept.expiresAt <= Date.now())) return undefined;
  const value: unknown = JSON.parse(kept.text);
  return isObject(value) ? value : undefined;
}
