import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';
import { hasChecksum } from './kr-rrn.ts';

describe('KR_RRN', () => {
  it.each([
    ['900101-1234567', '900101-1234567'],
    ['주민번호는900101-1234567입니다', '900101-1234567'],
    ['주민등록번호 9001011234567', '9001011234567'],
    ['900101 - 1234567', '900101 - 1234567'],
    ['９００１０１－１２３４５６７', '９００１０１－１２３４５６７'],
    ['900101–1234567', '900101–1234567'],
    ['900101\u200b-1234567', '900101\u200b-1234567'],
    ['resident number: 050505 3123456', '050505 3123456'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`KR_RRN ${value}`]);
  });

  it('is told by the key of a JSON value', () => {
    expect(finds('9001011234567', '주민번호')).toEqual(['KR_RRN 9001011234567']);
    expect(finds('9001011234567', 'orderNumber')).toEqual([]);
  });

  it.each([
    ['month 13', '991332-1234567'],
    ['30 February', '900230-1234567'],
    ['a day to come', '881231-4234567'],
    ['of the 19th century', '880123-9234567'],
    ['part of a longer number', '900101-12345678'],
    ['followed by more', '900101-1234567-1'],
    ['in a word', 'A900101-1234567'],
    ['bare, without a word', '9001011234567'],
  ])('does not find one that is %s', (_title, text) => {
    expect(finds(text).filter((find) => find.startsWith('KR_RRN'))).toEqual([]);
  });

  it('knows the checksums of citizens and of foreigners', () => {
    expect(hasChecksum('9001011234568', false)).toBe(true);
    expect(hasChecksum('9001011234567', false)).toBe(false);
    // 2·9+3·0+4·0+5·1+6·0+7·1+8·5+9·2+2·3+3·4+4·5+5·6 = 156, 156 mod 11 = 2, 13 − 2 = 11.
    expect(hasChecksum('9001015234561', true)).toBe(true);
  });
});

describe('KR_FRN', () => {
  it.each([
    ['외국인등록번호 900101-5234567', '900101-5234567'],
    ['010203-7234567', '010203-7234567'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`KR_FRN ${value}`]);
  });
});
