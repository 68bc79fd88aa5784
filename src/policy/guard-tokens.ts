import type { TokenStore } from '../pii/vault/tokens.ts';
import type { Records } from '../store/records.ts';

const KIND = 'pii-token';

/** Tokens that outlive the process: the envelopes behind them, which only the key file opens, in the store of the home. */
export class StoredTokens implements TokenStore {
  readonly #records: Records;
  readonly #ttlMs: number;

  constructor(records: Records, ttlMs: number) {
    this.#records = records;
    this.#ttlMs = ttlMs;
  }

  get(token: string): string | undefined {
    const envelope = this.#records.get(KIND, token)?.['envelope'];
    return typeof envelope === 'string' ? envelope : undefined;
  }

  put(token: string, envelope: string): void {
    this.#records.put(KIND, token, { envelope }, Date.now() + this.#ttlMs);
  }
}
