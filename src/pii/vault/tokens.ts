import { type Binding, seal, unseal } from './envelope.ts';
import type { KeyRing } from './key-ring.ts';

/** Where the envelopes behind tokens are kept. */
export interface TokenStore {
  get(token: string): string | undefined;
  put(token: string, envelope: string): void;
}

/** Without the letters that look like digits (Crockford). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SHORTEST = 6;
const LONGEST = 16;
/** What could be a token. Whether it is one the store knows. */
const TOKEN = /(?<![A-Za-z0-9_])[A-Z][A-Z_]{1,40}_[0-9A-HJKMNP-TV-Z]{6,16}(?![A-Za-z0-9_])/g;
/** Short names: a token should be readable, and survive being retold. */
const PREFIXES = new Map([
  ['EMAIL_ADDRESS', 'EMAIL'],
  ['PHONE_NUMBER', 'PHONE'],
  ['CREDIT_CARD', 'CARD'],
  ['IP_ADDRESS', 'IP'],
  ['KR_BANK_ACCOUNT', 'ACCOUNT'],
]);

/**
 * Tokens such as `EMAIL_7F3K2Q`: the same one for the same value of a tenant, so that a model can tell that two are one.
 * A token says nothing by itself; what it stands for lies encrypted in the store.
 */
export class Tokens {
  readonly #ring: KeyRing;
  readonly #store: TokenStore;

  constructor(ring: KeyRing, store: TokenStore) {
    this.#ring = ring;
    this.#store = store;
  }

  tokenOf(entity: string, value: string, binding: Binding): string {
    const digest = this.#ring.digest('token', binding.tenant, entity, value);
    const prefix = PREFIXES.get(entity) ?? entity.replace(/[^A-Z_]/g, '_');
    for (let length = SHORTEST; length <= LONGEST; length++) {
      const token = `${prefix}_${letters(digest, length)}`;
      const envelope = this.#store.get(keyOf(token, binding));
      const known = envelope === undefined ? undefined : unseal(this.#ring, envelope, binding);
      // Another value has the same letters: this one gets more.
      if (envelope !== undefined && known !== undefined && known !== value) continue;
      this.#store.put(keyOf(token, binding), seal(this.#ring, entity, value, binding));
      return token;
    }
    throw new Error('no token is free');
  }

  /** The text with the tokens of this binding replaced by what they stand for. */
  restore(text: string, binding: Binding, onRestored: () => void): string {
    return text.replace(TOKEN, (token) => {
      const envelope = this.#store.get(keyOf(token, binding));
      const value = envelope === undefined ? undefined : unseal(this.#ring, envelope, binding);
      if (value === undefined) return token;
      onRestored();
      return value;
    });
  }
}

/** Tenants may have the same token for different values. */
function keyOf(token: string, { tenant, policy }: Binding): string {
  return JSON.stringify([tenant, policy, token]);
}

function letters(digest: Buffer, length: number): string {
  let bits = BigInt(`0x${digest.toString('hex')}`);
  let text = '';
  for (let i = 0; i < length; i++) {
    text += ALPHABET.charAt(Number(bits & 31n));
    bits >>= 5n;
  }
  return text;
}

/** Tokens of this process, the oldest of which give way. */
export class MemoryTokenStore implements TokenStore {
  readonly #entries = new Map<string, { readonly envelope: string; readonly until: number }>();
  readonly #ttlMs: number;
  readonly #most: number;

  constructor(ttlMs: number, most = 100_000) {
    this.#ttlMs = ttlMs;
    this.#most = most;
  }

  get(token: string): string | undefined {
    const entry = this.#entries.get(token);
    return entry && entry.until > Date.now() ? entry.envelope : undefined;
  }

  put(token: string, envelope: string): void {
    // Used again, it is the youngest.
    this.#entries.delete(token);
    this.#entries.set(token, { envelope, until: Date.now() + this.#ttlMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#most && oldest !== undefined) this.#entries.delete(oldest);
  }
}
