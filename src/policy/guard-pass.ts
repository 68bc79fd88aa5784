import type { GuardPolicy } from '../config/guard.ts';
import type { JsonValue } from '../core/json.ts';
import type { Trail } from '../core/trail.ts';
import type { Engine } from '../pii/engine.ts';
import type { Entity } from '../pii/entity.ts';
import { rewriteTexts } from '../pii/json.ts';
import { type Operators, replaceEntities } from '../pii/operators.ts';
import { withoutOverlaps } from '../pii/overlaps.ts';
import type { Rules } from './guard-rules.ts';

/** Names that a model found in a text beforehand. */
export type Names = (text: string) => readonly Entity[];

export interface PassOptions {
  readonly engine: Engine;
  readonly operators: Operators;
  readonly rules: Rules;
  readonly tenant: string;
  readonly trail: Trail;
  readonly names: Names | undefined;
  /** In UTF-16 units, over all texts of the message. */
  readonly sizeLimit: number;
  readonly timeoutMs: number;
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

/**
 * One way of one message through the guard: its texts with what the rules say done to what is found in them.
 * @param except keys of the value itself that are none of the guard's business
 * @throws {Rejected} at the first find that is to be refused
 * @throws {NotScanned} when it meets the limits
 */
export function pass(value: JsonValue, options: PassOptions, except?: ReadonlySet<string>): JsonValue {
  const { engine, rules, names } = options;
  const deadline = performance.now() + options.timeoutMs;
  let left = options.sizeLimit;
  let texts = 0;
  const look = (text: string, key: string): string => {
    left -= text.length;
    if (left < 0) throw new NotScanned('too large');
    // The clock costs as much as a short text does.
    if ((++texts & 3) === 0 || text.length > 1000)
      if (performance.now() > deadline) throw new NotScanned('too slow');
    const known = engine.scan(text, key);
    const found = names ? withNames(known, names(text)) : known;
    if (found.length === 0) return text;
    return replaceEntities(text, found, (entity, part) =>
      treat(entity.type, part, rules.decide(entity.type), options),
    );
  };
  return rewriteTexts(value, look, except);
}

function withNames(known: readonly Entity[], named: readonly Entity[]): readonly Entity[] {
  return named.length === 0 ? known : withoutOverlaps([...known, ...named]);
}

function treat(entity: string, value: string, policy: GuardPolicy | undefined, options: PassOptions): string {
  const { trail, operators, tenant } = options;
  const { action = 'log', name = 'default', keep = 0 } = policy ?? {};
  if (action === 'allow') return value;
  trail.found(entity);
  trail.did(action, policy && name);
  if (action === 'reject') throw new Rejected(entity, name);
  return operators.replacement(entity, value, { action, keep, binding: { tenant, policy: name } });
}
