import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';

/**
 * The envelope of a backup: a head, then the archive in chunks, each encrypted and authenticated by itself (AES-256-GCM)
 * with a key that scrypt makes of the passphrase (RFC 7914). The chunks are a STREAM (Hoang, Reyhanitabar, Rogaway and
 * Vizár, 2015): the nonce of each says its number and whether it is the last, so that one that is missing, repeated, in
 * another place or behind the end is seen.
 *
 *   head   "SALLYPORT-BACKUP" · version 1 · log2 N · r · p · 16 bytes of salt · 7 bytes in front of every nonce
 *   chunk  65536 bytes (the last: 0 to 65536), encrypted · 16 bytes of tag
 *   nonce  the 7 bytes · number of the chunk (32 bits) · 1 for the last, else 0
 *
 * The head is authenticated with each chunk.
 */
const MAGIC = Buffer.from('SALLYPORT-BACKUP');
const VERSION = 1;
const SALT_BYTES = 16;
const PREFIX_BYTES = 7;
const HEAD_BYTES = MAGIC.length + 4 + SALT_BYTES + PREFIX_BYTES;
const CHUNK_BYTES = 65_536;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';
/** What scrypt is asked for; it says so in the head. */
interface Cost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB of memory for one guess. */
const COST: Cost = { log2N: 17, r: 8, p: 1 };
/** What a head may ask for: it is read before anything can be checked. */
const MOST: Cost = { log2N: 20, r: 8, p: 4 };

/** What is in the envelope cannot be had. */
export class EnvelopeError extends Error {
  override name = 'EnvelopeError';
}

/** Encrypts a stream of bytes. @param cost of one guess at the passphrase, which only a test may want cheaper */
export async function* seal(
  plain: AsyncIterable<Buffer>,
  passphrase: string,
  { log2N, r, p }: Cost = COST,
): AsyncGenerator<Buffer> {
  const head = Buffer.concat([
    MAGIC,
    Buffer.from([VERSION, log2N, r, p]),
    randomBytes(SALT_BYTES + PREFIX_BYTES),
  ]);
  const key = await keyOf(passphrase, head);
  yield head;
  let count = 0;
  for await (const { bytes, isLast } of chunks(plain, CHUNK_BYTES)) {
    const cipher = createCipheriv(CIPHER, key, nonceOf(head, count, isLast), { authTagLength: TAG_BYTES });
    cipher.setAAD(head);
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    count += 1;
  }
}

/**
 * Decrypts what {@link seal} made. Each piece is authentic when it comes, but only the end says that nothing is missing.
 * @throws {EnvelopeError} when it is none, when the passphrase is another, and when anything was changed
 */
export async function* unseal(sealed: AsyncIterable<Buffer>, passphrase: string): AsyncGenerator<Buffer> {
  const { head, rest } = await headOf(sealed);
  const key = await keyOf(passphrase, head);
  let count = 0;
  for await (const { bytes, isLast } of chunks(rest, CHUNK_BYTES + TAG_BYTES)) {
    yield opened(key, head, { bytes, count, isLast });
    count += 1;
  }
}

function opened(
  key: Buffer,
  head: Buffer,
  { bytes, count, isLast }: { readonly bytes: Buffer; readonly count: number; readonly isLast: boolean },
): Buffer {
  try {
    const decipher = createDecipheriv(CIPHER, key, nonceOf(head, count, isLast), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(head).setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new EnvelopeError(
      count === 0
        ? 'it does not open: the passphrase is another, or the file was changed'
        : 'the file was changed, or its end is missing',
      { cause: error },
    );
  }
}

async function headOf(sealed: AsyncIterable<Buffer>): Promise<{ head: Buffer; rest: AsyncIterable<Buffer> }> {
  const iterator = sealed[Symbol.asyncIterator]();
  let read = Buffer.alloc(0);
  while (read.length < HEAD_BYTES) {
    const next = await iterator.next();
    if (next.done) break;
    read = Buffer.concat([read, next.value]);
  }
  if (read.length < HEAD_BYTES || !read.subarray(0, MAGIC.length).equals(MAGIC))
    throw new EnvelopeError('this is no backup of Sallyport');
  const head = read.subarray(0, HEAD_BYTES);
  if (head[MAGIC.length] !== VERSION)
    throw new EnvelopeError('this backup was made by a later version of Sallyport');
  const behind = read.subarray(HEAD_BYTES);
  return { head, rest: joined(behind, { [Symbol.asyncIterator]: () => iterator }) };
}

async function* joined(first: Buffer, others: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* others;
}

function keyOf(passphrase: string, head: Buffer): Promise<Buffer> {
  const [log2N = 0, r = 0, p = 0] = head.subarray(MAGIC.length + 1);
  if (log2N < 1 || log2N > MOST.log2N || r < 1 || r > MOST.r || p < 1 || p > MOST.p)
    throw new EnvelopeError('the file was changed: its head asks for too much');
  const salt = head.subarray(MAGIC.length + 4, MAGIC.length + 4 + SALT_BYTES);
  const cost = { N: 2 ** log2N, r, p, maxmem: 2 ** log2N * r * 128 + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    // Keyboards write the same letter in several ways.
    scrypt(passphrase.normalize('NFC'), salt, 32, cost, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function nonceOf(head: Buffer, count: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(PREFIX_BYTES + 5);
  head.copy(nonce, 0, HEAD_BYTES - PREFIX_BYTES);
  // Throws beyond 2^32 chunks, which are 256 TiB: no number comes twice.
  nonce.writeUInt32BE(count, PREFIX_BYTES);
  nonce[PREFIX_BYTES + 4] = isLast ? 1 : 0;
  return nonce;
}

/** Pieces of one size, of which the last may be smaller, and is told as such. There is always one. */
async function* chunks(
  source: AsyncIterable<Buffer>,
  size: number,
): AsyncGenerator<{ bytes: Buffer; isLast: boolean }> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const piece of source) {
    held.push(piece);
    length += piece.length;
    // What may be the last is kept back.
    if (length <= size) continue;
    const all = Buffer.concat(held);
    let at = 0;
    for (; all.length - at > size; at += size) yield { bytes: all.subarray(at, at + size), isLast: false };
    held = [all.subarray(at)];
    length = all.length - at;
  }
  yield { bytes: Buffer.concat(held), isLast: true };
}
