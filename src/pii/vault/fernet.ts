import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Fernet, as Python's `cryptography` writes and reads it: AES-128-CBC with an HMAC-SHA256 over everything, in base64url
 * with padding (github.com/fernet/spec). Only for data that comes from there or goes there.
 */
const VERSION = 0x80;
const HEADER = 1 + 8;
const IV = 16;
const MAC = 32;
const BLOCK = 16;

/** A Fernet key: 32 bytes in base64url, the first half for the HMAC. @throws when it is not one */
export function fernetKey(text: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length !== 32) throw new Error('A Fernet key is 32 bytes in base64url.');
  return key;
}

/** @param time in seconds since 1970 */
export function fernetEncrypt(
  key: Buffer,
  value: string,
  time: number = Math.floor(Date.now() / 1000),
  iv: Buffer = randomBytes(IV),
): string {
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(VERSION);
  header.writeBigUInt64BE(BigInt(time), 1);
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), iv);
  const signed = Buffer.concat([header, iv, cipher.update(value, 'utf8'), cipher.final()]);
  return padded(Buffer.concat([signed, macOf(key, signed)]));
}

/** The value of a token; undefined when it is not one of this key. Its age is not looked at. */
export function fernetDecrypt(key: Buffer, token: string): string | undefined {
  const bytes = Buffer.from(token.trim(), 'base64url');
  const length = bytes.length - HEADER - IV - MAC;
  if (length < BLOCK || length % BLOCK !== 0 || bytes[0] !== VERSION) return undefined;
  const signed = bytes.subarray(0, -MAC);
  if (!timingSafeEqual(macOf(key, signed), bytes.subarray(-MAC))) return undefined;
  const decipher = createDecipheriv('aes-128-cbc', key.subarray(16), bytes.subarray(HEADER, HEADER + IV));
  try {
    return Buffer.concat([decipher.update(signed.subarray(HEADER + IV)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function macOf(key: Buffer, signed: Buffer): Buffer {
  return createHmac('sha256', key.subarray(0, 16)).update(signed).digest();
}

function padded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** A Fernet token in a text: version and the years until 2106 make its first characters. */
const TOKEN = /gAAAAA[\w-]{60,}={0,2}/g;

/** The text with each Fernet token put through `open`; those for which it gives nothing stay. */
export function replaceFernet(text: string, open: (token: string) => string | undefined): string {
  return text.replace(TOKEN, (token) => open(token) ?? token);
}
