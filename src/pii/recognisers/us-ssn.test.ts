import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('US_SSN', () => {
  it.each([
    ['536-90-4399', '536-90-4399'],
    ['He gave 536.90.4399 at the desk.', '536.90.4399'],
    ['He gave 536 90 4399 at the desk.', '536 90 4399'],
    ['SSN 536904399', '536904399'],
    ['social security number: 536 90 4399', '536 90 4399'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`US_SSN ${value}`]);
  });

  it.each([
    '536904399',
    '000-12-3456',
    '666-12-3456',
    '900-12-3456',
    '536-00-4399',
    '536-90-0000',
    '536-90-43990',
    '1-536-90-4399',
    '111-11-1111',
    '536.90-4399',
    '12 536 90 4399 12',
  ])('finds none in %j', (text) => {
    expect(finds(text).filter((find) => find.startsWith('US_SSN'))).toEqual([]);
  });
});
