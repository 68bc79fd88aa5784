import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First in every file, and part of what is authenticated. */
const VERSION = 'sallyport-vault-1';
// Windows has no such flag, and none of the attack it is against either: links need a privilege there.
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

/** What is kept cannot be used. The message says what to do. */
export class VaultError extends Error {
  override name = 'VaultError';
}

/**
 * A folder of small secrets, encrypted where they lie: a backup, a synced folder or a stray `cat` does not give them away.
 * The key lies beside them, for its owner only, so that whoever can act as that owner can read them; no more is
 * claimed.
 */
export class Vault {
  readonly #folder: string;
  readonly #remedy: string;
  #key: Promise<Buffer> | undefined;

  /** @param remedy what to do about an entry that cannot be read, in a sentence */
  constructor(folder: string, remedy: string) {
    this.#folder = folder;
    this.#remedy = remedy;
  }

  /** Where an entry lies. */
  path(name: string): string {
    return join(this.#folder, `${name}.sealed`);
  }

  /**
   * @returns undefined where there is no such entry
   * @throws {VaultError} where it was changed, or sealed with another key
   */
  async read(name: string): Promise<unknown> {
    const sealed = await readOwn(this.path(name));
    if (!sealed) return undefined;
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const tag = sealed.subarray(-TAG_BYTES);
    try {
      if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error('too short');
      const decipher = createDecipheriv(CIPHER, await this.#opened(), nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(aad(name)).setAuthTag(tag);
      const text = Buffer.concat([
        decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)),
        decipher.final(),
      ]);
      return JSON.parse(text.toString('utf8'));
    } catch (error) {
      if (error instanceof VaultError) throw error;
      throw new VaultError(`${this.path(name)} cannot be read: it was changed. ${this.#remedy}`);
    }
  }

  /** Puts an entry in place, whole or not at all. */
  async write(name: string, value: unknown): Promise<void> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, await this.#opened(), nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(aad(name));
    const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    const draft = `${this.path(name)}.${process.pid}-${randomBytes(4).toString('hex')}`;
    await writeFile(draft, Buffer.concat([nonce, text, cipher.getAuthTag()]), { mode: 0o600, flag: 'wx' });
    await rename(draft, this.path(name));
  }

  async remove(name: string): Promise<void> {
    await rm(this.path(name), { force: true });
  }

  /** Makes the folder; whoever writes beside the entries needs it. */
  async make(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
  }

  #opened(): Promise<Buffer> {
    this.#key ??= this.#openKey().catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }

  /** The key; made when it is first needed. Two processes that need it at once agree on one. */
  async #openKey(): Promise<Buffer> {
    await this.make();
    const path = join(this.#folder, 'key');
    const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
    if (!(await exists(path))) {
      await writeFile(draft, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' });
      try {
        // Unlike rename, this does not take the place of a key that somebody else has just made.
        await link(draft, path);
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error;
      } finally {
        await rm(draft, { force: true });
      }
    }
    const key = await readOwn(path);
    if (key?.length !== KEY_BYTES) throw new VaultError(`${path} is no key. ${this.#remedy}`);
    return key;
  }
}

/** An entry under another name is another entry: one server's tokens cannot be put in the place of another's. */
function aad(name: string): Buffer {
  return Buffer.from(`${VERSION} ${name}`);
}

/**
 * A file that nobody but its owner, who we are, may read or write; undefined where there is none. The checks are made on
 * the open file, so that nobody can swap it between check and reading.
 */
async function readOwn(path: string): Promise<Buffer | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | NO_FOLLOW);
    const { mode, uid } = await file.stat();
    const self = process.getuid?.();
    if (self !== undefined && uid !== self)
      throw new VaultError(`${path} belongs to another user (uid ${uid}, you are ${self}).`);
    if (self !== undefined && (mode & 0o077) !== 0)
      throw new VaultError(`${path} is open to others. Make it yours alone: chmod 600 '${path}'`);
    return await file.readFile();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    if (isCode(error, 'ELOOP')) throw new VaultError(`${path} is a symbolic link. Remove it.`);
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
