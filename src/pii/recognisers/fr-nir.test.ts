import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('FR_NIR', () => {
  it.each([
    ['2 55 08 14 168 025 38', '2 55 08 14 168 025 38'],
    ['255081416802538', '255081416802538'],
    ['n° sécu 2550814168025', '2550814168025'],
    ['255081416802538 !', '255081416802538'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`FR_NIR ${value}`]);
  });

  it.each(['255081416802539', '2550814168025', '2 55 18 14 168 025 38', '3 55 08 14 168 025 38'])(
    'finds none in %j',
    (text) => {
      expect(finds(text).filter((find) => find.startsWith('FR_NIR'))).toEqual([]);
    },
  );
});
