import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { derive, type KeyRing } from './key-ring.ts';

const VERSION = 'v2';
const SALT = 24;
const TAG = 16;
const KEY = 32;
const NONCE = 12;
/** An envelope in a text. Nothing in it can be mistaken for its end. */
const ENVELOPE = /⟦([A-Z][A-Z0-9_]{0,63}):v2\.([0-9a-f]{8})\.([A-Za-z0-9_-]{54,})⟧/g;

/** What a value is bound to: under any other binding its envelope does not open. */
export interface Binding {
  /** Whose values these are. */
  readonly tenant: string;
  /** The name of the rule that encrypted it. */
  readonly policy: string;
}

/**
 * `⟦EMAIL_ADDRESS:v2.<key id>.<salt, ciphertext and tag>⟧`: AES-256-GCM, with key and nonce derived from a master key
 * and 24 random bytes for this value alone, so that no number of values makes a nonce come twice for a key. Version,
 * tenant, entity and policy are authenticated with it.
 */
export function seal(ring: KeyRing, entity: string, value: string, binding: Binding): string {
  const { active } = ring;
  const salt = randomBytes(SALT);
  const { key, nonce } = keyFor(active, salt, entity, binding);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated(entity, binding));
  const sealed = Buffer.concat([salt, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `⟦${entity}:${VERSION}.${active.id}.${sealed.toString('base64url')}⟧`;
}

/** The value of one envelope; undefined when it does not open here. */
export function unseal(ring: KeyRing, envelope: string, binding: Binding): string | undefined {
  const [whole, entity = '', id = '', text = ''] = [...envelope.matchAll(ENVELOPE)][0] ?? [];
  const master = ring.opening(id);
  if (whole !== envelope || !master) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  // Another spelling of the same bytes is not what was given out.
  if (bytes.length < SALT + TAG || bytes.toString('base64url') !== text) return undefined;
  const { key, nonce } = keyFor(master, bytes.subarray(0, SALT), entity, binding);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
    .setAAD(associated(entity, binding))
    .setAuthTag(bytes.subarray(-TAG));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(SALT, -TAG)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/** The text with each envelope put through `open`; those for which it gives nothing stay. */
export function replaceEnvelopes(
  text: string,
  open: (envelope: string, entity: string) => string | undefined,
): string {
  if (!text.includes('⟦')) return text;
  return text.replace(ENVELOPE, (envelope, entity: string) => open(envelope, entity) ?? envelope);
}

type Master = KeyRing['active'];

function keyFor(
  master: Master,
  salt: Buffer,
  entity: string,
  { tenant }: Binding,
): { key: Buffer; nonce: Buffer } {
  const bytes = derive(master, salt, `${tenant}|${entity}`, KEY + NONCE);
  return { key: bytes.subarray(0, KEY), nonce: bytes.subarray(KEY) };
}

function associated(entity: string, { tenant, policy }: Binding): Buffer {
  return Buffer.from(JSON.stringify([VERSION, tenant, entity, policy]), 'utf8');
}
