import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('CREDIT_CARD', () => {
  it.each([
    ['4111 1111 1111 1111', '4111 1111 1111 1111'],
    ['4111-1111-1111-1111', '4111-1111-1111-1111'],
    ['5555555555554444', '5555555555554444'],
    ['3782 822463 10005', '3782 822463 10005'],
    ['378282246310005', '378282246310005'],
    ['2223003122003222', '2223003122003222'],
    ['6011111111111117', '6011111111111117'],
    ['4111.1111.1111.1111', '4111.1111.1111.1111'],
    ['카드4111111111111111로', '4111111111111111'],
    ['card 4222222222222', '4222222222222'],
    ['４１１１ １１１１ １１１１ １１１１', '４１１１ １１１１ １１１１ １１１１'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`CREDIT_CARD ${value}`]);
  });

  it.each([
    '4111 1111 1111 1112',
    '4222222222222',
    '1700000000000000',
    '8801234567893',
    '0000000000000000',
    'a4111111111111111',
    '4111111111111111a',
  ])('finds none in %j', (text) => {
    expect(finds(text).filter((find) => find.startsWith('CREDIT_CARD'))).toEqual([]);
  });

  it.each(['271 7454 6816 1261 3338 7401', 'ref:500954771457937'])(
    'does not guess at rows of numbers, and at beginnings that say little: %j',
    (text) => {
      expect(finds(text).filter((find) => find.startsWith('CREDIT_CARD'))).toEqual([]);
    },
  );
});
