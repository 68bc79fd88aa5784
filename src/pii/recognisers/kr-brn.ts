import { contextWords } from '../context.ts';
import type { NumberRecogniser } from '../recogniser.ts';
import { isRepdigit, weighted } from './checksums.ts';

const CONTEXT = contextWords('사업자 등록번호 법인 상호 ^brn$ business registration entreprise');
const WEIGHTS = [1, 3, 7, 1, 3, 7, 1, 3, 5] as const;

/** Korean business registration numbers, `NNN-NN-NNNNN`. Without the right checksum it is none. */
export const krBrn: NumberRecogniser = {
  anchor: 'number',
  shapes: ['3-2-5', '10'],
  find(scan, { start, end, digits, groups, crowded }) {
    if (!hasChecksum(digits) || isRepdigit(digits)) return;
    const isDivided = groups.length === 3 && !crowded;
    if (CONTEXT.areNear(scan, start, end)) scan.report('KR_BRN', start, end, 0.9);
    else if (isDivided) scan.report('KR_BRN', start, end, 0.7);
  },
};

function hasChecksum(digits: string): boolean {
  const sum = weighted(digits, WEIGHTS) + Math.floor((Number(digits[8]) * 5) / 10);
  return (10 - (sum % 10)) % 10 === Number(digits[9]);
}
