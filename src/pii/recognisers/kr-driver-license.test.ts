import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('KR_DRIVER_LICENSE', () => {
  it.each([
    ['11-12-345678-90', '11-12-345678-90'],
    ['면허번호는 28-12-345678-90입니다', '28-12-345678-90'],
    ['서울 12-345678-90', '서울 12-345678-90'],
    ['운전면허 111234567890', '111234567890'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`KR_DRIVER_LICENSE ${value}`]);
  });

  it.each(['10-12-345678-90', '27-12-345678-90', '11-12-345678-901', '111234567890', '1-11-12-345678-90'])(
    'finds none in %j',
    (text) => {
      expect(finds(text).filter((find) => find.startsWith('KR_DRIVER_LICENSE'))).toEqual([]);
    },
  );
});
