import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('KR_PASSPORT', () => {
  it.each([
    ['여권번호 M12345678', 'M12345678'],
    ['passport: M123A4567', 'M123A4567'],
    ['여권 S12345678번', 'S12345678'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`KR_PASSPORT ${value}`]);
  });

  it.each(['M12345678', '여권 X12345678', '여권 AM12345678', '여권 M123456789'])(
    'finds none in %j',
    (text) => {
      expect(finds(text).filter((find) => find.startsWith('KR_PASSPORT'))).toEqual([]);
    },
  );
});
