import { isWord } from '../characters.ts';
import type { DigitRecogniser } from '../recogniser.ts';

const CONTEXT = /여권|passport|passeport/;
/** The kind, then 8 digits; since December 2021 the fourth one is a letter. */
const NUMBER = /[MSRODGmsrodg](?:\d{8}|\d{3}[A-Za-z]\d{4})(?![A-Za-z0-9_]|-[A-Za-z0-9])/y;

/** Korean passport numbers, `M12345678` and `M123A4567`: with a word about passports nearby. */
export const krPassport: DigitRecogniser = {
  anchor: 'digits',
  find(scan, start, end) {
    const length = end - start;
    if (length !== 8 && length !== 3) return;
    const { text } = scan;
    if (isWord(text, start - 2)) return;
    NUMBER.lastIndex = start - 1;
    const found = start > 0 ? NUMBER.exec(text)?.[0] : undefined;
    if (found === undefined || !CONTEXT.test(scan.around(start - 1, end))) return;
    scan.report('KR_PASSPORT', start - 1, start - 1 + found.length, 0.85);
  },
};
