import { contextWords } from '../context.ts';
import type { DigitRecogniser, NumberRecogniser } from '../recogniser.ts';

const CONTEXT = contextWords(
  '^nir$ ^nss$ sécu secu insee sociale social-security assuré assure vitale 사회보장',
);
/** Sex, year, month (20 to 42 and 50 to 99 stand for unknown ones), department, commune, order. */
const SHAPE = /^[12]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d{2}|2[AB])\d{6}/;

/** French social security numbers: 13 digits and a key of two, 97 minus the rest of 97. */
export const frNir: NumberRecogniser = {
  anchor: 'number',
  shapes: [
    '1-2-2-2-3-3-2',
    '15',
    '13-2',
    '1-2-2-5-3-2',
    '1-2-2-2-6-2',
    '1-6-6-2',
    '1-4-8-2',
    '1-2-2-2-3-3',
    '13',
  ],
  find(scan, { start, end, digits }) {
    if (!SHAPE.test(digits)) return;
    if (digits.length === 15) {
      if (hasKey(digits)) scan.report('FR_NIR', start, end, 0.9);
    } else if (CONTEXT.areNear(scan, start, end)) scan.report('FR_NIR', start, end, 0.8);
  },
};

const CORSICAN = /(?<![A-Za-z0-9])[12] ?\d{2} ?\d{2} ?2[AB] ?\d{3} ?\d{3} ?\d{2}(?![A-Za-z0-9])/y;

/** The same with the departments 2A and 2B of Corsica. */
export const frNirOfCorsica: DigitRecogniser = {
  anchor: 'digits',
  find(scan, _start, end) {
    const { text } = scan;
    const letter = text.charAt(end);
    if ((letter !== 'A' && letter !== 'B') || text.charAt(end - 1) !== '2') return;
    for (const before of [6, 9]) {
      CORSICAN.lastIndex = end - before;
      const found = end >= before ? CORSICAN.exec(text)?.[0] : undefined;
      if (found === undefined || !hasKey(found.replaceAll(' ', ''))) continue;
      scan.report('FR_NIR', end - before, end - before + found.length, 0.9);
    }
  },
};

function hasKey(number: string): boolean {
  const digits = number.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return 97 - (Number(digits) % 97) === Number(number.slice(13));
}
