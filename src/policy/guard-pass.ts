import type { GuardConfig } from '../config/guard.ts';
import type { JsonObject } from '../core/json.ts';
import type { Trail } from '../core/trail.ts';
import type { Engine } from '../pii/engine.ts';
import type { Entity } from '../pii/entity.ts';
import { rewriteTexts } from '../pii/json.ts';
import { type Operators, replaceEntities } from '../pii/operators.ts';
import { withoutOverlaps } from '../pii/overlaps.ts';
import type { Rules } from './guard-rules.ts';

/** Names that a model found in a text beforehand. */
export type Names = (text: string) => readonly Entity[];

/** What a guard works with, whatever comes. */
export interface PassParts {
  readonly engine: Engine;
  readonly operators: Operators;
  readonly config: Pick<GuardConfig, 'size' | 'timeout'>;
}

/** A message was not scanned to its end. Says why; holds nothing of the message. */
export class NotScanned extends Error {
  override readonly name = 'NotScanned';
}

/** A find whose policy is `reject`. */
export class Rejected extends Error {
  override readonly name = 'Rejected';
  readonly entity: string;
  readonly policy: string;

  constructor(entity: string, policy: string) {
    super(entity);
    this.entity = entity;
    this.policy = policy;
  }
}

/** So many texts are looked at between two looks at the clock, which cost as much as a short text does. */
const TEXTS = 8;
/** A text of so many units is worth a look of its own. */
const LONG = 1000;

/** One way of one message through the guard: its texts with what the rules say done to what is found in them. */
export class Pass {
  readonly #parts: PassParts;
  readonly #rules: Rules;
  readonly #tenant: string;
  readonly #trail: Trail;
  readonly #names: Names | undefined;
  /** In UTF-16 units, over all texts of the message. */
  #left: number;
  #texts = 0;
  /** Most messages have few texts, and are through before anybody looks at the clock. */
  #deadline: number | undefined;

  constructor(parts: PassParts, rules: Rules, tenant: string, trail: Trail, names: Names | undefined) {
    this.#parts = parts;
    this.#rules = rules;
    this.#tenant = tenant;
    this.#trail = trail;
    this.#names = names;
    this.#left = parts.config.size;
  }

  /**
   * A part of the message as it may go on; the very same one, where nothing is changed.
   * @param except keys of the value itself that are none of the guard's business
   * @throws {Rejected} at the first find that is to be refused
   * @throws {NotScanned} when it meets the limits
   */
  over(value: JsonObject, except?: ReadonlySet<string>): JsonObject {
    return rewriteTexts(value, this.#look, except);
  }

  readonly #look = (text: string, key: string | undefined): string => {
    this.#left -= text.length;
    if (this.#left < 0) throw new NotScanned('too large');
    this.#texts += 1;
    if (this.#texts % TEXTS === 0 || text.length > LONG) this.#lookAtClock();
    const { engine } = this.#parts;
    const known = key === undefined ? engine.scanKey(text) : engine.scan(text, key);
    const found = this.#names ? withNames(known, this.#names(text)) : known;
    if (found.length === 0) return text;
    return replaceEntities(text, found, (entity, part) => this.#treat(entity.type, part));
  };

  #lookAtClock(): void {
    const now = performance.now();
    this.#deadline ??= now + this.#parts.config.timeout;
    if (now > this.#deadline) throw new NotScanned('too slow');
  }

  #treat(entity: string, value: string): string {
    const policy = this.#rules.decide(entity);
    const { action = 'log', name = 'default', keep = 0 } = policy ?? {};
    if (action === 'allow') return value;
    this.#trail.found(entity);
    this.#trail.did(action, policy && name);
    if (action === 'reject') throw new Rejected(entity, name);
    const binding = { tenant: this.#tenant, policy: name };
    return this.#parts.operators.replacement(entity, value, { action, keep, binding });
  }
}

function withNames(known: readonly Entity[], named: readonly Entity[]): readonly Entity[] {
  return named.length === 0 ? known : withoutOverlaps([...known, ...named]);
}
