import type { Entity } from './entity.ts';
import { type Binding, replaceEnvelopes, seal, unseal } from './vault/envelope.ts';
import type { KeyRing } from './vault/key-ring.ts';
import { Tokens, type TokenStore } from './vault/tokens.ts';

/** What can be done with a find. `allow` and `log` leave it, `reject` is for whoever asked to refuse the whole. */
export const ACTIONS = ['allow', 'log', 'mask', 'hash', 'encrypt', 'tokenize', 'redact', 'reject'] as const;
export type Action = (typeof ACTIONS)[number];

export interface Treatment {
  readonly action: Action;
  /** `mask`: how many of the last letters and digits stay. */
  readonly keep: number;
  /** What `encrypt` and `tokenize` are bound to. */
  readonly binding: Binding;
}

/** Does to values what a policy says, and undoes it where it can be undone. */
export class Operators {
  readonly #ring: () => KeyRing;
  readonly #store: TokenStore;

  /** @param ring asked for when a key is needed: masking needs none */
  constructor(ring: () => KeyRing, store: TokenStore) {
    this.#ring = ring;
    this.#store = store;
  }

  /** What is to stand in the place of a value. */
  replacement(entity: string, value: string, { action, keep, binding }: Treatment): string {
    switch (action) {
      case 'mask':
        return masked(value, keep);
      case 'hash':
        return `⟦${entity}:${this.#ring().digest('hash', binding.tenant, entity, value).toString('hex', 0, 16)}⟧`;
      case 'encrypt':
        return seal(this.#ring(), entity, value, binding);
      case 'tokenize':
        return new Tokens(this.#ring(), this.#store).tokenOf(entity, value, binding);
      case 'redact':
      case 'reject':
        return `[${entity}]`;
      default:
        return value;
    }
  }

  /** The text with every token and envelope that opens under one of the bindings replaced by its value. */
  restore(text: string, bindings: readonly Binding[], onRestored: () => void): string {
    const ring = this.#ring();
    const tokens = new Tokens(ring, this.#store);
    return bindings.reduce((restored, binding) => {
      const opened = replaceEnvelopes(restored, (envelope) => {
        const value = unseal(ring, envelope, binding);
        if (value !== undefined) onRestored();
        return value;
      });
      return tokens.restore(opened, binding, onRestored);
    }, text);
  }
}

/** The text with each find replaced. @param entities in the order of the text, without overlaps */
export function replaceEntities(
  text: string,
  entities: readonly Entity[],
  replacement: (entity: Entity, value: string) => string,
): string {
  let replaced = '';
  let copied = 0;
  for (const entity of entities) {
    replaced += text.slice(copied, entity.start);
    replaced += replacement(entity, text.slice(entity.start, entity.end));
    copied = entity.end;
  }
  return replaced + text.slice(copied);
}

/** Every letter and digit but the last `keep` as `*`. What stands between them stays, and shows what it was. */
export function masked(value: string, keep: number): string {
  const characters = Array.from(value);
  let hidden = characters.filter(isShown).length - keep;
  return characters.map((char) => (isShown(char) && hidden-- > 0 ? '*' : char)).join('');
}

function isShown(char: string): boolean {
  return /[\p{L}\p{N}\p{M}]/u.test(char);
}
