import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { canonical } from './canonical.ts';
import type { JsonValue } from './json.ts';

const NONCE = 12;
const TAG = 16;

/**
 * Seals texts that go out through a client and come back: nobody can read, change or make one up, and it opens only
 * together with what it was bound to. AES-256-GCM, with what it is bound to as associated data.
 */
export class Seal {
  readonly #key: Buffer;

  /** @param key 32 bytes; by default of this process alone, so that what it sealed ends with it */
  constructor(key: Buffer = randomBytes(32)) {
    this.#key = key;
  }

  /** Another seal each time, in the characters of base64url. */
  seal(text: string, bound: Buffer): string {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(bound);
    const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString('base64url');
  }

  /** The text, or undefined for what was not sealed here or not for this binding. */
  open(sealed: string, bound: Buffer): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    // Decoding forgives what it does not know; only the very text that was given out counts.
    if (bytes.length <= NONCE + TAG || bytes.toString('base64url') !== sealed) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE))
      .setAAD(bound)
      .setAuthTag(bytes.subarray(-TAG));
    try {
      return decipher.update(bytes.subarray(NONCE, -TAG), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      return undefined;
    }
  }
}

/** What a seal is bound to, in 32 bytes. */
export function binding(...parts: JsonValue[]): Buffer {
  return createHash('sha256').update(canonical(parts)).digest();
}
