import { describe, expect, it } from 'vitest';
import { finds } from './testing.ts';

describe('numbers in groups', () => {
  it.each([
    ['010/1234/5678', 'PHONE_NUMBER 010/1234/5678'],
    ['010_1234_5678', 'PHONE_NUMBER 010_1234_5678'],
    ['010  -  1234  -  5678', 'PHONE_NUMBER 010  -  1234  -  5678'],
    ['010-1234-\n5678', 'PHONE_NUMBER 010-1234-\n5678'],
    ['연락처 010 1234\n5678', 'PHONE_NUMBER 010 1234\n5678'],
    ['+82 10-1234-\n5678', 'PHONE_NUMBER +82 10-1234-\n5678'],
    ['+1 (415)\n555-2671', 'PHONE_NUMBER +1 (415)\n555-2671'],
    ['(+33) 6 12 34 56 78', 'PHONE_NUMBER (+33) 6 12 34 56 78'],
    ['415-555-2671x123', 'PHONE_NUMBER 415-555-2671x123'],
    ['1 (415) 555-2671', 'PHONE_NUMBER 1 (415) 555-2671'],
    ['DE89  3704  0044  0532  0130  00', 'IBAN DE89  3704  0044  0532  0130  00'],
    ['DE89 3704 0044\n0532 0130 00', 'IBAN DE89 3704 0044\n0532 0130 00'],
    ['900101-\n1234567', 'KR_RRN 900101-\n1234567'],
    ['900101.1234567', 'KR_RRN 900101.1234567'],
    ['220.81.62517', 'KR_BRN 220.81.62517'],
    ['계좌 110.123.456789', 'KR_BANK_ACCOUNT 110.123.456789'],
    ['신한은행 110123456789', 'KR_BANK_ACCOUNT 110123456789'],
  ])('read %j over whatever parts them', (text, found) => {
    expect(finds(text)).toEqual([found]);
  });

  it.each([
    ['1) 010-1234-5678', '010-1234-5678'],
    ['(3) 010-1234-5678', '010-1234-5678'],
    ['010-1234-5678 (0.3s)', '010-1234-5678'],
    ['010-1234-5678 (2회)', '010-1234-5678'],
    ['+82 2-729-4221 (0.3s)', '+82 2-729-4221'],
    ['010-1234-5678\n2026-01-01', '010-1234-5678'],
  ])('end before what is a number of its own: %j', (text, number) => {
    expect(finds(text)).toEqual([`PHONE_NUMBER ${number}`]);
  });

  it.each([
    '4111\n1111\n1111\n1111',
    '010\n1234\n5678',
    '1_000_000_000',
    '2026/01/02 03/04/05',
    '01 02 03 04 05',
    '0f 00 30 82 01 0a 02 82 01 01 00 b6',
    '2.5.29.24',
  ])('are no number of anybody where they are columns, dates or bytes: %j', (text) => {
    expect(finds(text)).toEqual([]);
  });

  it('are told by a key in the text, however it is written', () => {
    for (const key of ['account_number', 'accountNumber', 'account-no'])
      expect(finds(`{${key}: 110 - 123 - 456789}`)).toEqual(['KR_BANK_ACCOUNT 110 - 123 - 456789']);
  });
});
