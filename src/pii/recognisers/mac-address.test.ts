import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('MAC_ADDRESS', () => {
  it.each([
    ['00:1B:44:11:3A:B7', '00:1B:44:11:3A:B7'],
    ['00-1B-44-11-3A-B7', '00-1B-44-11-3A-B7'],
    ['aa:bb:cc:dd:ee:ff', 'aa:bb:cc:dd:ee:ff'],
    ['MAC 주소는 00:1b:44:11:3a:b7입니다', '00:1b:44:11:3a:b7'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`MAC_ADDRESS ${value}`]);
  });

  it.each([
    '00:00:00:00:00:00',
    'ff:ff:ff:ff:ff:ff',
    '00:1B:44:11:3A:B7:00',
    '00-1B-44-11-3A-B7-00',
    '10:23:45',
    '00:1B:44:11:3A:G7',
  ])('finds none in %j', (text) => {
    expect(finds(text).filter((find) => find.startsWith('MAC_ADDRESS'))).toEqual([]);
  });
});
