import { getCountrySpecifications } from 'ibantools';
import { isLetterOrDigit, isWord } from '../characters.ts';
import { isMod97 } from './checksums.ts';
import type { DigitRecogniser } from '../recogniser.ts';

/**
 * The length of each country's numbers, and what may stand where. The checksums that some countries have within theirs
 * are not asked for: a number with a slip in it is an account number still.
 */
const COUNTRIES = new Map(
  Object.entries(getCountrySpecifications()).flatMap(([country, { chars, bban_regexp: shape }]) =>
    chars === null || shape === null ? [] : [[country, { length: chars, shape: new RegExp(shape) }] as const],
  ),
);
const LONGEST = 34;

/** ISO 13616 account numbers, in groups or not; the checksum decides. */
export const iban: DigitRecogniser = {
  anchor: 'digits',
  find(scan, start, end) {
    const { text } = scan;
    if (end - start < 2 || start < 2 || isWord(text, start - 3)) return;
    const country = COUNTRIES.get(text.slice(start - 2, start).toUpperCase());
    if (!country) return;
    const number = take(text, start - 2, country.length);
    if (!number || !country.shape.test(number.compact.slice(4)) || !isMod97(number.compact)) return;
    scan.report('IBAN', start - 2, number.end, 0.95);
  },
};

/** What may stand between two groups: a hyphen, some blanks, the end of one line. */
const GAP = /(?:[ \t]{1,3}|-|-?[ \t]{0,2}\r?\n[ \t]{0,2})(?=[A-Za-z0-9])/y;

/** So many letters and digits, with at most one gap between two of them. */
function take(text: string, start: number, length: number): { compact: string; end: number } | undefined {
  let compact = '';
  let at = start;
  while (compact.length < length && at - start < LONGEST * 3) {
    const from = at;
    while (at - from < length - compact.length && isLetterOrDigit(text, at)) at += 1;
    compact += text.slice(from, at);
    if (compact.length === length) break;
    GAP.lastIndex = at;
    if (!GAP.test(text)) return undefined;
    at = GAP.lastIndex;
  }
  if (compact.length < length || isWord(text, at)) return undefined;
  return { compact: compact.toUpperCase(), end: at };
}
