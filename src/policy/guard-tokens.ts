import type { TokenStore } from '../pii/vault/tokens.ts';
import type { Records } from '../store/records.ts';

const KIND = 'pii-token';
/** Of what the store does not take, so many are kept for this process. */
const MOST = 10_000;

/**
 * Tokens that outlive the process: the envelopes behind them, which only the key file opens, in the store of the home.
 * Those of one message are written together: each commit waits for the disk.
 */
export class StoredTokens implements TokenStore {
  readonly #records: Records;
  readonly #ttlMs: number;
  readonly #onError: (error: unknown) => void;
  /** What is not written yet: that of this turn of the event loop, and what could not be. */
  readonly #fresh = new Map<string, { readonly envelope: string; readonly until: number }>();

  #isDue = false;

  /** @param onError is told when the store does not take them; then they are tried again with the next ones */
  constructor(records: Records, ttlMs: number, onError: (error: unknown) => void = () => {}) {
    this.#records = records;
    this.#ttlMs = ttlMs;
    this.#onError = onError;
  }

  get(token: string): string | undefined {
    const fresh = this.#fresh.get(token);
    if (fresh) return fresh.until > Date.now() ? fresh.envelope : undefined;
    const envelope = this.#records.get(KIND, token)?.['envelope'];
    return typeof envelope === 'string' ? envelope : undefined;
  }

  put(token: string, envelope: string): void {
    if (!this.#isDue) setImmediate(() => this.flush());
    this.#isDue = true;
    const [oldest] = this.#fresh.keys();
    if (this.#fresh.size >= MOST && oldest !== undefined) this.#fresh.delete(oldest);
    this.#fresh.set(token, { envelope, until: Date.now() + this.#ttlMs });
  }

  /** Writes what is not written yet. */
  flush(): void {
    this.#isDue = false;
    try {
      this.#records.transaction(() => {
        for (const [token, { envelope, until }] of this.#fresh)
          this.#records.put(KIND, token, { envelope }, until);
      });
      this.#fresh.clear();
    } catch (error) {
      this.#onError(error);
    }
  }
}
