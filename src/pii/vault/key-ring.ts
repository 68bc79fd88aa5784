import { createHmac, hkdfSync, randomBytes } from 'node:crypto';

/**
 * - `active`: encrypts and decrypts; the last active key encrypts.
 * - `decrypt`: only decrypts, until everything is rewrapped.
 * - `revoked`: does nothing any more.
 */
export type KeyState = 'active' | 'decrypt' | 'revoked';

export interface MasterKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
  readonly state: KeyState;
}

/** The keys that the vault derives all others from. */
export class KeyRing {
  readonly keys: readonly MasterKey[];

  constructor(keys: readonly MasterKey[]) {
    this.keys = keys;
  }

  static fresh(): KeyRing {
    return new KeyRing([freshKey()]);
  }

  /** The key that encrypts. @throws when there is none */
  get active(): MasterKey {
    const key = this.keys.findLast(({ state }) => state === 'active');
    if (!key) throw new Error('no key of the ring is active');
    return key;
  }

  /** A key that may decrypt; undefined for one that is not there or revoked. */
  opening(id: string): MasterKey | undefined {
    return this.keys.find((key) => key.id === id && key.state !== 'revoked');
  }

  /** A ring with a new key that encrypts from now on; the others still decrypt. */
  rotated(): KeyRing {
    const old = this.keys.map((key) =>
      key.state === 'active' ? { ...key, state: 'decrypt' as const } : key,
    );
    return new KeyRing([...old, freshKey()]);
  }

  /** A keyed hash: equal values give equal ones, and nobody without the key can try all numbers there are. */
  digest(...parts: readonly string[]): Buffer {
    const key = derive(this.active, Buffer.alloc(0), 'digest', 32);
    // The lengths keep ('ab', 'c') and ('a', 'bc') apart.
    const text = parts.map((part) => `${part.length}:${part}`).join('');
    return createHmac('sha256', key).update(text).digest();
  }
}

/** HKDF-SHA256 (RFC 5869) of a master key. */
export function derive({ key }: MasterKey, salt: Buffer, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, `pii|${purpose}`, bytes));
}

function freshKey(): MasterKey {
  return { id: randomBytes(4).toString('hex'), key: randomBytes(32), state: 'active' };
}
