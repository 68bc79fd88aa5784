import { contextWords } from '../context.ts';
import type { NumberRecogniser } from '../recogniser.ts';
import { isLuhn, isRepdigit } from './checksums.ts';

const CONTEXT = contextWords(
  '카드 결제 ^pay ^paid debit card visa master amex maestro diners discover jcb carte ^cb$ ^cc$ ^pan$',
);

/** Who gives out numbers that begin so, and how long they are. */
const ISSUERS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(?:30[0-5]|3[689])/, [14]],
  [/^(?:6011|64[4-9]|65)/, [16, 19]],
  [/^35(?:2[89]|[3-8])|^3(?:088|096|112|158|337)/, [16]],
  [/^(?:2131|1800)/, [15]],
  [/^62/, [16, 17, 18, 19]],
  // Cards for Korea only.
  [/^9[4-5]/, [16]],
];

/** Payment cards: an issuer's number that passes Luhn. */
export const creditCard: NumberRecogniser = {
  anchor: 'number',
  shapes: [
    '4-4-4-4',
    '4-6-5',
    '4-6-4',
    '4-4-4-4-3',
    '4-4-4-1',
    '4-4-4',
    '12',
    '13',
    '14',
    '15',
    '16',
    '17',
    '18',
    '19',
  ],
  find(scan, { start, end, digits, groups, crowded }) {
    const isKnown = isIssued(digits);
    if ((!isKnown && !MAESTRO.test(digits)) || !isLuhn(digits) || isRepdigit(digits)) return;
    if (isDump(scan.text, start, end)) return;
    // In a row of further numbers the groups of several cards can be found, one behind the other.
    const isClear = isKnown && !crowded;
    const isUsual = groups.length > 1 ? digits.length >= 14 : digits.length === 16 || digits.length === 15;
    if (isUsual && isClear) scan.report('CREDIT_CARD', start, end, groups.length > 1 ? 0.9 : 0.8);
    // One in ten numbers of these lengths passes Luhn.
    else if (CONTEXT.areNear(scan, start, end)) scan.report('CREDIT_CARD', start, end, 0.75);
  },
};

/** Four groups of a hexadecimal dump may happen to have no letters; the groups beside them have some. */
function isDump(text: string, start: number, end: number): boolean {
  return DUMPED.test(text.slice(Math.max(0, start - 6), start)) || DUMPED.test(text.slice(end, end + 6));
}

const DUMPED = /(?:^|[\s:])(?=\d*[a-f])[0-9a-f]{4}(?:\s|$)/i;

/** Maestro: so many beginnings that a word has to say that it is a card. */
const MAESTRO = /^(?:50|5[6-9]|6[0-9])/;

function isIssued(digits: string): boolean {
  return ISSUERS.some(([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits));
}
