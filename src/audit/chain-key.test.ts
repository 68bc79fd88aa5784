import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChainKey } from './chain-key.ts';

describe('ChainKey', () => {
  it('makes the HMAC-SHA256 that everybody else makes', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 3000, size: 'max' }), { minLength: 1 });
    fc.assert(
      fc.property(bytes, texts, (key, some) => {
        const chainKey = new ChainKey(Buffer.from(key));
        for (const text of some)
          expect(chainKey.hmac(text)).toBe(createHmac('sha256', key).update(text).digest('hex'));
      }),
    );
  });

  it('takes no key of another size', () => {
    expect(() => new ChainKey(Buffer.alloc(31))).toThrow(RangeError);
    expect(() => new ChainKey(Buffer.alloc(65))).toThrow(RangeError);
  });
});
