import { describe, expect, it } from 'vitest';

import { Digits } from './digits.ts';

describe('Digits', () => {
  it('counts, always with ten digits', () => {
    const digits = new Digits();
    for (let count = 1; count <= 1000; count += 1) {
      digits.increment();
      expect(digits.toString()).toBe(String(1_000_000_000 + count));
    }
  });

  it('writes itself at every offset and nowhere else', () => {
    const digits = new Digits();
    digits.increment();
    const target = Buffer.alloc(26, '.');
    digits.writeInto(target, [2, 14]);
    expect(target.toString()).toBe('..1000000001..1000000001..');
  });
});
