import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { JsonObject } from '../../core/json.ts';
import type { Records } from '../../store/records.ts';
import { revokeUser } from './adapter.ts';

/** Somebody who can log in. */
export interface User {
  /** What they type, and the `sub` of their tokens. */
  readonly name: string;
  readonly email: string | undefined;
  readonly roles: readonly string[];
  readonly isDisabled: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

// As OWASP's cheat sheet on password storage has it for scrypt: 32 MiB, three times.
const COST = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 } as const;
const KEY_BYTES = 32;
const KIND = 'User';
/** Never `client_…`, by which clients are known: nobody's `sub` may be another's. */
export const USER_NAME = /^(?!client_)[\p{Ll}\p{Lo}\p{N}][\p{Ll}\p{Lo}\p{N}._@+-]{0,63}$/u;
/** Shorter passwords are guessed. NIST SP 800-63B: at least 8; length is what counts, no rules of composition. */
export const SHORTEST_PASSWORD = 10;
const LONGEST_PASSWORD = 1000;

const derive = promisify<string, Buffer, number, typeof COST, Buffer>(scrypt);

/** The people of the authorization server. */
export class Users {
  readonly #records: Records;
  /** One at a time: each takes 32 MiB and a core. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(records: Records) {
    this.#records = records;
  }

  get(name: string): User | undefined {
    const record = this.#records.get(KIND, nameOf(name));
    return record && userOf(nameOf(name), record);
  }

  list(): User[] {
    return this.#records.list(KIND).map(({ key, value }) => userOf(key, value));
  }

  /** @returns false where there is somebody of this name */
  async add(
    name: string,
    password: string,
    more: { readonly email?: string | undefined; readonly roles?: readonly string[] } = {},
  ): Promise<boolean> {
    const record = { ...profile(more), password: await hashed(password), createdAt: Date.now() };
    return this.#records.add(KIND, nameOf(name), record);
  }

  /** Somebody whom another issuer vouches for: without a password here. */
  vouched(
    name: string,
    more: { readonly email?: string | undefined; readonly roles?: readonly string[] },
  ): User {
    const before = this.#records.get(KIND, name);
    this.#records.put(KIND, name, { createdAt: Date.now(), ...before, ...profile(more) });
    return userOf(name, this.#records.get(KIND, name) ?? {});
  }

  /** Sets a password, and ends what was opened with the old one. @returns false where there is nobody of this name */
  async setPassword(name: string, password: string): Promise<boolean> {
    const record = await hashed(password);
    return this.#change(name, { password: record });
  }

  /** Lets them in no longer, from now on. @returns false where there is nobody of this name */
  setDisabled(name: string, isDisabled: boolean): boolean {
    return this.#change(name, { disabled: isDisabled });
  }

  /** Takes as long for a name that nobody has. */
  async check(name: string, password: string): Promise<User | undefined> {
    const key = nameOf(name);
    const kept = this.#records.get(KIND, key)?.['password'];
    const turn = this.#turn.then(() => isPassword(typeof kept === 'string' ? kept : NOBODY, password));
    this.#turn = turn.catch(() => {});
    const isRight = await turn;
    // Read again: it may have been changed meanwhile.
    const user = this.get(name);
    return isRight && user && !user.isDisabled ? user : undefined;
  }

  #change(name: string, change: JsonObject): boolean {
    return this.#records.transaction(() => {
      const record = this.#records.get(KIND, nameOf(name));
      if (!record) return false;
      this.#records.put(KIND, nameOf(name), { ...record, ...change });
      revokeUser(this.#records, nameOf(name));
      return true;
    });
  }
}

/** A name is one name however it is typed. */
function nameOf(name: string): string {
  return name.trim().normalize('NFKC').toLowerCase();
}

function profile({
  email,
  roles,
}: {
  readonly email?: string | undefined;
  readonly roles?: readonly string[];
}): JsonObject {
  return { ...(email !== undefined && { email }), ...(roles && { roles: [...roles] }) };
}

function userOf(name: string, { email, roles, disabled, createdAt }: JsonObject): User {
  return {
    name,
    email: typeof email === 'string' ? email : undefined,
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    isDisabled: disabled === true,
    createdAt: typeof createdAt === 'number' ? createdAt : 0,
  };
}

/** `scrypt:SALT:KEY`. Nobody has this one: its key is not the outcome of anything that can be typed. */
const NOBODY = `scrypt:${randomBytes(16).toString('base64url')}:${randomBytes(KEY_BYTES).toString('base64url')}`;

async function hashed(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password.normalize('NFKC'), salt, KEY_BYTES, COST);
  return `scrypt:${salt.toString('base64url')}:${key.toString('base64url')}`;
}

async function isPassword(kept: string, password: string): Promise<boolean> {
  if (password.length > LONGEST_PASSWORD) return false;
  const [, salt = '', key = ''] = kept.split(':');
  const expected = Buffer.from(key, 'base64url');
  const given = await derive(password.normalize('NFKC'), Buffer.from(salt, 'base64url'), KEY_BYTES, COST);
  return expected.length === given.length && timingSafeEqual(expected, given);
}
