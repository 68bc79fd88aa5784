import type { JsonObject } from '../../core/json.ts';
import { type Kind, nameOf, type Pin, pinOf } from './item.ts';
import type { LockFile, Quarantine } from './lock-file.ts';
import { suspicionsOf } from './suspicious.ts';

/** What was noticed about something that a server says of itself. */
export interface Notice {
  readonly server: string;
  readonly kind: Kind;
  readonly name: string;
  readonly what: 'changed' | 'new' | 'vanished' | 'suspicious' | 'shadowing';
  /** For `suspicious`, why; for `shadowing`, which server has it too. */
  readonly detail?: string;
}

export interface PinsOptions {
  readonly file: LockFile;
  /** `enforce` keeps from models what nobody agreed to; `warn` only tells. */
  readonly mode: 'warn' | 'enforce';
  readonly tell: (notice: Notice) => void;
}

/** How long what the file said is taken for true, in milliseconds. */
const FRESH_MS = 500;

/**
 * Compares what servers say of themselves with what was agreed to. A server that is seen for the first time is pinned as
 * it is, but for what looks as if it should be read by a person first.
 */
export class PinBoard {
  readonly #options: PinsOptions;
  readonly #told = new Set<string>();
  #lookedAt = -Infinity;

  constructor(options: PinsOptions) {
    this.#options = options;
  }

  get enforces(): boolean {
    return this.#options.mode === 'enforce';
  }

  /** Is this kept from models? Undefined: nothing was heard of it yet. */
  isQuarantined(server: string, kind: Kind, name: string): boolean | undefined {
    this.#refresh();
    const known = this.#options.file.get(server);
    if (known?.quarantine.get(kind)?.has(name)) return true;
    return known?.pinned.get(kind)?.has(name) ? false : undefined;
  }

  /**
   * Looks at one page of a list.
   * @returns the items that may be shown
   */
  look(server: string, kind: Kind, items: readonly JsonObject[]): readonly JsonObject[] {
    this.#refresh();
    const { file } = this.#options;
    const isFirstSight = !file.get(server)?.pinned.has(kind);
    const before = JSON.stringify(
      [...(file.get(server)?.quarantine.get(kind) ?? [])].map(([name, pin]) => [name, pin?.hash]),
    );
    const entry = file.entry(server);
    const pinned = entry.pinned.get(kind) ?? new Map<string, Pin>();
    const quarantine: Quarantine = entry.quarantine.get(kind) ?? new Map();
    const shown = items.filter((item) => {
      const name = nameOf(kind, item);
      if (name === undefined) return true;
      const pin = pinOf(item);
      const agreed = pinned.get(name);
      if (agreed?.hash === pin.hash) {
        quarantine.delete(name);
        return true;
      }
      const suspicions = suspicionsOf(pin.text);
      if (suspicions.length > 0)
        this.#tell({ server, kind, name, what: 'suspicious', detail: suspicions.join(', ') });
      if (isFirstSight && (suspicions.length === 0 || !this.enforces)) {
        pinned.set(name, pin);
        if (kind === 'tools') this.#tellShadows(server, name);
        return true;
      }
      quarantine.set(name, pin);
      this.#tell({ server, kind, name, what: agreed ? 'changed' : 'new' });
      return !this.enforces;
    });
    entry.pinned.set(kind, pinned);
    if (quarantine.size > 0) entry.quarantine.set(kind, quarantine);
    else entry.quarantine.delete(kind);
    const after = JSON.stringify([...quarantine].map(([name, pin]) => [name, pin?.hash]));
    if (isFirstSight || before !== after) file.write();
    return shown;
  }

  /** A whole list was seen: what was agreed to and is not in it has vanished. */
  complete(server: string, kind: Kind, names: ReadonlySet<string>): void {
    const { file } = this.#options;
    const entry = file.entry(server);
    const gone = [...(entry.pinned.get(kind)?.keys() ?? [])].filter((name) => !names.has(name));
    const quarantine: Quarantine = entry.quarantine.get(kind) ?? new Map();
    const fresh = gone.filter((name) => quarantine.get(name) !== null);
    // A name that waited to be agreed to and is not there any more need not be.
    const waiting = [...quarantine].filter(([name, pin]) =>
      pin === null ? names.has(name) : !names.has(name),
    );
    if (fresh.length === 0 && waiting.length === 0) return;
    for (const [name] of waiting) quarantine.delete(name);
    for (const name of fresh) {
      quarantine.set(name, null);
      this.#tell({ server, kind, name, what: 'vanished' });
    }
    if (quarantine.size > 0) entry.quarantine.set(kind, quarantine);
    else entry.quarantine.delete(kind);
    file.write();
  }

  #refresh(): void {
    const now = performance.now();
    if (now - this.#lookedAt < FRESH_MS) return;
    this.#lookedAt = now;
    this.#options.file.refresh();
  }

  /** A tool of another server with the same name: a model may be led to take the one for the other. */
  #tellShadows(server: string, name: string): void {
    for (const [other, { pinned }] of this.#options.file.servers)
      if (other !== server && pinned.get('tools')?.has(name))
        this.#tell({ server, kind: 'tools', name, what: 'shadowing', detail: other });
  }

  /** Each thing once: lists are asked for again and again. */
  #tell(notice: Notice): void {
    const key = JSON.stringify(notice);
    if (this.#told.has(key) || this.#told.size > 10_000) return;
    this.#told.add(key);
    this.#options.tell(notice);
  }
}
