import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First in every file, and part of what is authenticated. */
const VERSION = 'sallyport-vault-1';

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
  #key: Promise<Buffer> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
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
    let sealed: Buffer;
    try {
      sealed = await readFile(this.path(name));
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
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
      throw new VaultError(`${this.path(name)} cannot be read: it was changed. Remove it and log in again.`);
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
    const file = await open(path, 'r');
    try {
      const { mode, uid, size } = await file.stat();
      const self = process.getuid?.();
      if (self !== undefined && (uid !== self || (mode & 0o077) !== 0))
        throw new VaultError(`${path} is open to others. Make it yours alone: chmod 600 '${path}'`);
      const key = await file.readFile();
      if (size !== KEY_BYTES) throw new VaultError(`${path} is no key. Remove it and log in again.`);
      return key;
    } finally {
      await file.close();
    }
  }
}

/** An entry under another name is another entry: one server's tokens cannot be put in the place of another's. */
function aad(name: string): Buffer {
  return Buffer.from(`${VERSION} ${name}`);
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
