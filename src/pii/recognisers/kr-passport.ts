import { isWord } from '../characters.ts';
import { contextWords } from '../context.ts';
import type { DigitRecogniser } from '../recogniser.ts';

const CONTEXT = contextWords('여권 passport passeport');
/** The kind, then 8 digits; since December 2021 the fourth one is a letter; of old two letters, then 7 digits. */
const NUMBER = /(?:[MSRODGmsrodg](?:\d{8}|\d{3}[A-Za-z]\d{4})|[A-Z]{2}\d{7})(?![A-Za-z0-9_]|-[A-Za-z0-9])/y;

/** Korean passport numbers, `M12345678` and `M123A4567`: with a word about passports nearby. */
export const krPassport: DigitRecogniser = {
  anchor: 'digits',
  find(scan, start, end) {
    const length = end - start;
    if (length !== 8 && length !== 3 && length !== 7) return;
    const { text } = scan;
    const from = length === 7 ? start - 2 : start - 1;
    if (from < 0 || isWord(text, from - 1)) return;
    NUMBER.lastIndex = from;
    const found = NUMBER.exec(text)?.[0];
    if (found === undefined || !CONTEXT.areNear(scan, from, end)) return;
    scan.report('KR_PASSPORT', from, from + found.length, 0.85);
  },
};
