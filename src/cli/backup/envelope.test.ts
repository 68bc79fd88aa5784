import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { EnvelopeError, seal, unseal } from './envelope.ts';

const PASSPHRASE = 'correct horse battery staple';
const HEAD = 43;
const CHUNK = 65_536 + 16;
/** Nobody guesses here. */
const CHEAP = { log2N: 10, r: 8, p: 1 };

async function* pieces(...all: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* all;
}

const sealed = (plain: Buffer): Promise<Buffer> => buffer(seal(pieces(plain), PASSPHRASE, CHEAP));
const opened = (bytes: Buffer, passphrase = PASSPHRASE): Promise<Buffer> =>
  buffer(unseal(pieces(bytes), passphrase));

describe('the envelope of a backup', () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])('gives back %i bytes', async (length) => {
    const plain = Buffer.alloc(length, 'abc');
    const bytes = await sealed(plain);
    expect(bytes.includes('abcabcabc')).toBe(false);
    expect((await opened(bytes)).equals(plain)).toBe(true);
  });

  it('does not care how its bytes come', async () => {
    const plain = Buffer.alloc(100_000, 'x');
    const bytes = await sealed(plain);
    const cuts = Array.from({ length: Math.ceil(bytes.length / 777) }, (_none, index) =>
      bytes.subarray(index * 777, (index + 1) * 777),
    );
    expect((await buffer(unseal(pieces(...cuts), PASSPHRASE))).equals(plain)).toBe(true);
  });

  it('opens with its own passphrase only, however the keyboard writes it', async () => {
    const bytes = await buffer(seal(pieces(Buffer.from('secret')), 'café au lait\u0301'));
    expect([...bytes.subarray(17, 20)], 'as dear as it should be').toEqual([17, 8, 1]);
    await expect(opened(bytes, 'another one')).rejects.toThrow(/passphrase/);
    expect((await opened(bytes, 'cafe\u0301 au lait\u0301')).toString()).toBe('secret');
  });

  describe('that was changed', () => {
    let bytes: Buffer;
    beforeAll(async () => {
      bytes = await sealed(
        Buffer.concat([Buffer.alloc(65_536, 'a'), Buffer.alloc(65_536, 'b'), Buffer.from('c')]),
      );
    });
    const chunk = (index: number): Buffer => bytes.subarray(HEAD + index * CHUNK, HEAD + (index + 1) * CHUNK);
    const head = (): Buffer => bytes.subarray(0, HEAD);

    it.each<[string, () => Buffer]>([
      ['its end is missing', () => bytes.subarray(0, -1)],
      ['its last chunk is missing', () => Buffer.concat([head(), chunk(0), chunk(1)])],
      ['only the head is there', () => head()],
      ['a chunk is missing', () => Buffer.concat([head(), chunk(0), chunk(2)])],
      ['two chunks are in another order', () => Buffer.concat([head(), chunk(1), chunk(0), chunk(2)])],
      ['a chunk is there twice', () => Buffer.concat([head(), chunk(0), chunk(0), chunk(1), chunk(2)])],
      ['there is something behind the end', () => Buffer.concat([bytes, Buffer.from('x')])],
      ['another begins behind the end', () => Buffer.concat([bytes, chunk(0)])],
    ])('is refused: %s', async (_what, change) => {
      await expect(opened(change())).rejects.toThrow(EnvelopeError);
    });

    it('is refused wherever a bit is another one', async () => {
      // The cost of scrypt is a part of the head: a changed one may ask for less, and is refused all the same.
      const at = fc.nat({ max: bytes.length - 1 });
      await fc.assert(
        fc.asyncProperty(at, fc.nat({ max: 7 }), async (index, bit) => {
          const changed = Buffer.from(bytes);
          changed[index] = (changed[index] ?? 0) ^ (1 << bit);
          await expect(opened(changed)).rejects.toThrow(EnvelopeError);
        }),
        {
          numRuns: 100,
          examples: [
            [0, 0],
            [16, 1],
            [17, 0],
            [18, 3],
            [19, 1],
            [20, 0],
            [42, 7],
            [HEAD, 0],
          ],
        },
      );
    }, 60_000);
  });

  it('is none: something else, or nothing', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('SALLYPORT-BACKUP'), Buffer.alloc(1000, 'x')])
      await expect(opened(bytes)).rejects.toThrow('no backup');
  });
});
