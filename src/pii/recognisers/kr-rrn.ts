import { contextWords } from '../context.ts';
import type { EntityType } from '../entity.ts';
import type { NumberRecogniser } from '../recogniser.ts';
import { isBirthday } from './calendar.ts';
import { weighted } from './checksums.ts';

const CONTEXT = contextWords(
  '주민 외국인 등록-번호 민번 거소 생년 뒷자리 ^rrn$ ^frn$ ^arc$ resident registration jumin identit carte titre séjour sejour coré',
);
/** The 7th digit tells century, and citizen or foreigner. Sex is its parity. */
const CENTURY = [1800, 1900, 1900, 2000, 2000, 1900, 1900, 2000, 2000, 1800] as const;
const WEIGHTS = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5] as const;

/**
 * Resident (KR_RRN) and foreigner (KR_FRN) registration numbers, `YYMMDD-SNNNNNN`.
 *
 * The date has to be one. The checksum only raises the score: numbers given out since October 2020 have none, and such a
 * number passes it by chance 1 time in 10.
 */
export const krRrn: NumberRecogniser = {
  anchor: 'number',
  shapes: ['6-7', '13'],
  find(scan, { start, end, digits, groups, crowded }) {
    const kind = Number(digits[6]);
    const year = (CENTURY[kind] ?? 0) + pairAt(digits, 0);
    if (!isBirthday(year, pairAt(digits, 2), pairAt(digits, 4))) return;
    const type: EntityType = kind >= 5 && kind <= 8 ? 'KR_FRN' : 'KR_RRN';
    const isTold = CONTEXT.areNear(scan, start, end);
    const isSum = hasChecksum(digits, type === 'KR_FRN');
    scan.report(type, start, end, score(groups.length === 2 && !crowded, isTold, isSum));
  },
};

/** Two digits as a number. */
function pairAt(digits: string, at: number): number {
  return 10 * (digits.charCodeAt(at) - 48) + digits.charCodeAt(at + 1) - 48;
}

/** Bare, 11 % of Korean bar codes have the shape, and 1 % also the checksum: alone neither is enough. */
function score(isDivided: boolean, isTold: boolean, isSum: boolean): number {
  if (isDivided) return isTold || isSum ? 0.95 : 0.75;
  if (isTold) return isSum ? 0.95 : 0.7;
  return isSum ? 0.4 : 0.3;
}

/** @param isForeigner the sum of a foreigner's number is 13 minus the rest, a citizen's 11 minus it */
export function hasChecksum(digits: string, isForeigner: boolean): boolean {
  const sum = weighted(digits, WEIGHTS);
  return ((isForeigner ? 13 : 11) - (sum % 11)) % 10 === Number(digits[12]);
}
