import { describe, expect, it } from 'vitest';
import { Places } from './places.ts';

describe('Places', () => {
  it('keeps as many as there are, and begins anew', () => {
    const places = new Places();
    for (let round = 0; round < 3; round++) {
      places.clear();
      expect([places.length, places.at(0)]).toEqual([0, 0]);
      const count = 10 ** (round + 1) * 50;
      for (let i = 0; i < count; i++) places.push(i * 3);
      expect(places.length).toBe(count);
      expect([places.at(0), places.at(17), places.at(count - 1)]).toEqual([0, 51, (count - 1) * 3]);
      expect([places.at(count), places.at(-1)]).toEqual([0, 0]);
    }
  });
});
