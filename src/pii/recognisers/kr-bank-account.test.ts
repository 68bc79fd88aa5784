import { describe, expect, it } from 'vitest';
import { finds } from '../testing.ts';

describe('KR_BANK_ACCOUNT', () => {
  it.each([
    ['계좌번호 110-123-456789', '110-123-456789'],
    ['국민은행 123456-78-901234', '123456-78-901234'],
    ['카카오뱅크 3333-01-1234567로 입금', '3333-01-1234567'],
    ['우리은행 1002-123-456789로 보내주세요', '1002-123-456789'],
    ['농협 302-1234-5678-91', '302-1234-5678-91'],
    ['계좌 11012345678901', '11012345678901'],
  ])('finds the one in %j', (text, value) => {
    expect(finds(text)).toEqual([`KR_BANK_ACCOUNT ${value}`]);
  });

  it.each([
    '110-123-456789',
    '11012345678901',
    '계좌 문의: 010-1234-5678',
    '은행 2026-11-21',
    '은행 00000000000',
  ])('finds none in %j', (text) => {
    expect(finds(text).filter((find) => find.startsWith('KR_BANK_ACCOUNT'))).toEqual([]);
  });
});
