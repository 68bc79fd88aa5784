import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('KR_BRN', () => {
  it.each([
    ['220-81-62517', '220-81-62517'],
    ['사업자등록번호 2208162517', '2208162517'],
    ['사업자번호:220-81-62517입니다', '220-81-62517'],
    ['２２０－８１－６２５１７', '２２０－８１－６２５１７'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`KR_BRN ${value}`]);
  });

  it.each(['220-81-62518', '2208162517', '220-81-62517-1', '000-00-00000'])('finds none in %j', (text) => {
    expect(finds(text).filter((find) => find.startsWith('KR_BRN'))).toEqual([]);
  });
});
