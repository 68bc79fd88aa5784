import { hash, randomBytes } from 'node:crypto';
import type { JsonObject } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import type { Records } from '../store/records.ts';
import type { Verified } from './verdict.ts';

/** What a token is for, as whoever makes it says. */
export interface TokenTerms {
  /** Undefined: for everything. */
  readonly scopes?: readonly string[] | undefined;
  /** On whose behalf it speaks, for rules and the audit log. */
  readonly user?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  /** In milliseconds since 1970; undefined: never. */
  readonly expiresAt?: number | undefined;
}

/** What is kept of a token. */
export interface TokenInfo extends TokenTerms {
  readonly name: string;
  readonly createdAt: number;
  /** Undefined: never. A minute or two behind. */
  readonly lastUsedAt?: number | undefined;
}

const BY_NAME = 'token';
const BY_HASH = 'token-hash';
const LAST_USED = 'token-used';
/** How often the time of the last use is taken, and written down. */
const WRITE_MS = 60_000;

/** 256 random bits in base64url behind a prefix by which secret scanners and people know it. */
export function newToken(): string {
  return `sp_${randomBytes(32).toString('base64url')}`;
}

/**
 * The tokens that were made by hand. Of a token its SHA-256 is kept: with 256 random bits there is nothing to guess, so
 * nothing slower is needed.
 */
export class TokenStore {
  readonly #records: Records;
  readonly #used = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(records: Records) {
    this.#records = records;
  }

  /** @returns the token, which is nowhere else; undefined when there is one of this name */
  create(name: string, terms: TokenTerms = {}): string | undefined {
    const token = newToken();
    const info: TokenInfo = { ...terms, name, createdAt: Date.now() };
    return this.#records.transaction(() => {
      const value = { ...toRecord(info), hash: digest(token) };
      if (!this.#records.add(BY_NAME, name, value, terms.expiresAt)) return undefined;
      this.#records.put(BY_HASH, digest(token), { name }, terms.expiresAt);
      return token;
    });
  }

  /** Another token of the same name and terms; the old one ends. @returns undefined when there is none of this name */
  rotate(name: string): string | undefined {
    return this.#records.transaction(() => {
      const old = this.#records.get(BY_NAME, name);
      if (!old) return undefined;
      const token = newToken();
      const { expiresAt } = fromRecord(name, old);
      this.#records.delete(BY_HASH, hashOf(old));
      this.#records.put(BY_NAME, name, { ...old, hash: digest(token), createdAt: Date.now() }, expiresAt);
      this.#records.put(BY_HASH, digest(token), { name }, expiresAt);
      return token;
    });
  }

  /** @returns whether there was one */
  revoke(name: string): boolean {
    return this.#records.transaction(() => {
      const old = this.#records.take(BY_NAME, name);
      if (old) this.#records.delete(BY_HASH, hashOf(old));
      this.#records.delete(LAST_USED, name);
      return old !== undefined;
    });
  }

  /** All that still count, by name. */
  list(): TokenInfo[] {
    return this.#records.list(BY_NAME).map(({ key, value }) => {
      const lastUsedAt = numberOf(this.#records.get(LAST_USED, key)?.['at']);
      return { ...fromRecord(key, value), ...(lastUsedAt !== undefined && { lastUsedAt }) };
    });
  }

  /** Whose token this is. */
  readonly check = (token: string): Verified | undefined => {
    const hashed = digest(token);
    const name = this.#nameOf(hashed);
    const record = name === undefined ? undefined : this.#records.get(BY_NAME, name);
    if (name === undefined || !record || hashOf(record) !== hashed) return undefined;
    const info = fromRecord(name, record);
    const now = Date.now();
    this.#touch(name, now);
    return {
      principal: principalOf(info),
      // Looked at again after a while, if only to know when it was last used.
      until: Math.min(info.expiresAt ?? Infinity, now + WRITE_MS),
      stands: () => this.#nameOf(hashed) === name,
    };
  };

  /** Writes down what is not written yet. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#used.size === 0) return;
    this.#records.transaction(() => {
      for (const [name, at] of this.#used)
        if (this.#records.get(BY_NAME, name)) this.#records.put(LAST_USED, name, { at });
    });
    this.#used.clear();
  }

  #nameOf(hashed: string): string | undefined {
    const name = this.#records.get(BY_HASH, hashed)?.['name'];
    return typeof name === 'string' ? name : undefined;
  }

  #touch(name: string, now: number): void {
    this.#used.set(name, now);
    this.#timer ??= setTimeout(() => this.flush(), WRITE_MS).unref();
  }
}

function principalOf({ name, scopes, user, roles }: TokenInfo): Principal {
  return { id: `token:${name}`, via: 'token', clientId: name, user, roles, scopes };
}

function digest(token: string): string {
  return hash('sha256', token, 'hex');
}

function toRecord(info: TokenInfo): JsonObject {
  // What is undefined is not there in JSON.
  return JSON.parse(JSON.stringify(info)) as JsonObject;
}

function hashOf(record: JsonObject): string {
  const { hash: hashed } = record;
  return typeof hashed === 'string' ? hashed : '';
}

function fromRecord(name: string, record: JsonObject): TokenInfo {
  const { user, createdAt, expiresAt, scopes, roles } = record;
  return {
    name,
    createdAt: numberOf(createdAt) ?? 0,
    expiresAt: numberOf(expiresAt),
    user: typeof user === 'string' ? user : undefined,
    scopes: wordsOf(scopes),
    roles: wordsOf(roles),
  };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function wordsOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : undefined;
}
