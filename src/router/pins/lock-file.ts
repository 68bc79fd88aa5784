import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isObject, type JsonObject } from '../../core/json.ts';
import { KINDS, type Kind, type Pin } from './item.ts';

export type Pins = Map<string, Pin>;
export type Quarantine = Map<string, Pin | null>;

/** What is known of one server. */
export interface ServerPins {
  readonly pinned: Map<Kind, Pins>;
  readonly quarantine: Map<Kind, Quarantine>;
}

/** `sallyport.lock`: what was agreed to, and what waits for that. JSON that is made to be read, and to be kept in git. */
export class LockFile {
  readonly path: string;
  #servers = new Map<string, ServerPins>();
  #readAt = '';

  constructor(path: string) {
    this.path = path;
  }

  /** Takes over what others wrote: `sallyport pins accept`, or a checkout. @throws when it is no lock file */
  refresh(): void {
    const at = this.#stamp();
    if (at === this.#readAt) return;
    this.#servers = at === '' ? new Map() : this.#read();
    this.#readAt = at;
  }

  /** Undefined: this server was never seen. */
  get(name: string): ServerPins | undefined {
    return this.#servers.get(name);
  }

  get servers(): ReadonlyMap<string, ServerPins> {
    return this.#servers;
  }

  /** The entry of a server, made where there is none. */
  entry(name: string): ServerPins {
    const known = this.#servers.get(name) ?? { pinned: new Map(), quarantine: new Map() };
    this.#servers.set(name, known);
    return known;
  }

  /** Writes it, whole or not at all. */
  write(): void {
    const servers = Object.fromEntries(
      [...this.#servers]
        .sort(byName)
        .map(([name, { pinned, quarantine }]) => [
          name,
          { pinned: plain(pinned), ...(quarantine.size > 0 && { quarantine: plain(quarantine) }) },
        ]),
    );
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const draft = `${this.path}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify({ lock: 1, servers }, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, this.path);
    this.#readAt = this.#stamp();
  }

  #read(): Map<string, ServerPins> {
    let value: unknown;
    try {
      value = JSON.parse(readFileSync(this.path, 'utf8'));
    } catch {
      throw new Error(`${this.path} is no JSON. Restore it, or delete it to pin everything anew.`);
    }
    const servers = readServers(value);
    if (!servers) throw new Error(`${this.path} is no lock file of this version of Sallyport.`);
    return servers;
  }

  /** Which writing of the file this is; empty where there is none. */
  #stamp(): string {
    const stats = statSync(this.path, { throwIfNoEntry: false });
    return stats ? `${stats.ino} ${stats.mtimeMs} ${stats.size}` : '';
  }
}

/** The file is somebody's: what is not in its form is no lock file. */
function readServers(value: unknown): Map<string, ServerPins> | undefined {
  if (!isObject(value) || value['lock'] !== 1 || !isObject(value['servers'])) return undefined;
  const servers = new Map<string, ServerPins>();
  for (const [name, entry] of Object.entries(value['servers'])) {
    const { pinned = {}, quarantine = {} } = isObject(entry) ? entry : {};
    if (!isObject(pinned) || !isObject(quarantine)) return undefined;
    servers.set(name, { pinned: kindsOf(pinned, isPin), quarantine: kindsOf(quarantine, isPinOrGone) });
  }
  return servers;
}

function kindsOf<T>(value: JsonObject, is: (item: unknown) => item is T): Map<Kind, Map<string, T>> {
  return new Map(
    KINDS.flatMap((kind) => {
      const items = value[kind];
      if (!isObject(items)) return [];
      // An item that cannot be read was agreed to by nobody.
      const read = Object.entries(items).flatMap(([name, item]) => (is(item) ? [[name, item] as const] : []));
      return [[kind, new Map(read)] as const];
    }),
  );
}

function isPin(item: unknown): item is Pin {
  return isObject(item) && typeof item['hash'] === 'string' && isObject(item['text']);
}

function isPinOrGone(item: unknown): item is Pin | null {
  return item === null || isPin(item);
}

function plain<T>(kinds: ReadonlyMap<Kind, ReadonlyMap<string, T>>): Record<string, Record<string, T>> {
  return Object.fromEntries(
    [...kinds]
      .filter(([, items]) => items.size > 0)
      .map(([kind, items]) => [kind, Object.fromEntries([...items].sort(byName))]),
  );
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
