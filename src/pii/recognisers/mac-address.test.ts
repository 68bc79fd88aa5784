import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('MAC', () => {
  it.each([
    ['00:1B:44:11:3A:B7', '00:1B:44:11:3A:B7'],
    ['00-1B-44-11-3A-B7', '00-1B-44-11-3A-B7'],
    ['aa:bb:cc:dd:ee:ff', 'aa:bb:cc:dd:ee:ff'],
    ['001b.4411.3ab7', '001b.4411.3ab7'],
    ['MAC 001b44113ab7', '001b44113ab7'],
    ['MAC 주소는 00:1b:44:11:3a:b7입니다', '00:1b:44:11:3a:b7'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`MAC ${value}`]);
  });

  it.each([
    '00:00:00:00:00:00',
    'ff:ff:ff:ff:ff:ff',
    '00:1B:44:11:3A:B7:00',
    '00-1B-44-11-3A-B7-00',
    '10:23:45',
    '1122.3344.5566',
    '001b44113ab7',
    '001b.4411.3ab7.0001',
    '00:1B:44:11:3A:G7',
  ])('finds none in %j', (text) => {
    expect(finds(text).filter((find) => find.startsWith('MAC'))).toEqual([]);
  });
});
