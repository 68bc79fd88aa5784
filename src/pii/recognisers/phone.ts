import { isWord } from '../characters.ts';
import { contextWords } from '../context.ts';
import type { AnchorRecogniser, NumberCandidate, NumberRecogniser, Scan } from '../recogniser.ts';
import { international, isValidNumber, NOT_A_NUMBER } from './phone-number.ts';

const CONTEXT = contextWords(
  '전화 연락처 연락 휴대 핸드폰 폰번호 모바일 팩스 문자 통화 번호는 직통 내선 ^tel ^fax phone mobile ^cell contact number-is my-number ^hp$ ^ph$ ^mob$ ^dial hotline ^sms$ whatsapp reach-me reach-us reach-him reach-her reach-them call-me call-us call-him call-her call-them call-at call-back portable tél tele numéro numero appel joindre ^gsm$',
);
/** What a number is called. */
const NAMES =
  '(?:tele|cell|smart|home|work)?phone|mobile|cell|tel|fax|gsm|whatsapp|tél(?:éphone)?|portable|' +
  '전화|연락처|휴대폰|핸드폰|휴대전화|팩스';
/** What stands right before a number, and means this one and no other: `fax no.: `, `"mobile": "`. */
const LABEL = new RegExp(
  `(?<![a-z])(?:${NAMES})(?: ?(?:number|no\\.?|번호))?["']?[ \\t]*[:：.#][ \\t\\n"']*\\(?$`,
  'i',
);
const INVITATION =
  /\b(?:call (?:me|us|him|her|them) (?:on|at)|(?:answering|reached|(?:reach|text) (?:me|us|him|her|them)) at) \(?$/i;
/** What stands behind one, as in a signature: `… office`. */
const SUFFIX = / ?[-(]? ?(?:office|fax|cell|mobile)\)?(?=[ \t]*(?:[\n,;|]|$))/iy;
/** Numbers of towns, and of countries with short ones. Anything has this shape: only a label tells. */
const SHORT: ReadonlySet<string> = new Set(['3-4', '2-2-2-2', '3-2-3', '2-6']);
/** Korean numbers of companies, for the whole country. */
const COMPANY = /^1(?:522|533|544|566|577|588|599|600|644|660|661|666|668|670|688|811|833|855|877|899)/;
/** What follows when `1588-1600` are years. */
const YEAR = /^(?:1[5-9]|20)\d\d$/;
/** No area of North America begins with 0 or 1. Nor does an exchange; yet made-up numbers, 555-123-4567, are meant as some. */
const NORTH_AMERICA = /^1?[2-9]\d{9}$/;

/** Numbers as they are dialled in Korea, France and North America. */
export const phone: NumberRecogniser = {
  anchor: 'number',
  shapes: (
    '2-3-4 2-4-4 3-3-4 3-4-4 4-3-4 4-4-4 4-4 3-8 3-7 2-8 2-7 2-2-4-4 2-2-3-4 2-1-4-4 2-1-3-4 ' +
    '2-2-2-2-2 4-1-2-2-2-2 4-2-4-4 4-2-3-4 1-3-3-4 3-3-3-4 5-6 5-3-3 4-2-2-2 8 9 10 11 12 13 14 ' +
    // Of other countries, where a word tells.
    '4-3-3 4-3-2-2 3-3-3 3-3-2-2 2-3-2-2 3-2-2-2 5-5 4-6 4-7 2-3-3 3-6 2-4-3 4-2-2-3'
  )
    .split(' ')
    .concat(...SHORT),
  find(scan, number) {
    const { text } = scan;
    const { start, end, gaps } = number;
    // The bracket in front belongs to the area code: (02) 123-4567.
    const from = gaps.includes(')') && text.charAt(start - 1) === '(' ? start - 1 : start;
    if (gaps === '    ' && isDump(text, start, end)) return;
    const score = judge(scan, number);
    if (score > 0) scan.report('PHONE_NUMBER', from, withExtension(text, end), score);
  },
};

/** Bytes in hexadecimal: those beside it have letters, or there are more of them. */
function isDump(text: string, start: number, end: number): boolean {
  return (
    /(?:^|\s)[0-9a-f]{2}\s$/i.test(text.slice(Math.max(0, start - 4), start)) ||
    /^\s[0-9a-f]{2}(?:\s|$)/i.test(text.slice(end, end + 4))
  );
}

const EXTENSION = /(?: ?x| ?ext\.? ?| ?poste ?| ?내선 ?)\d{1,6}(?!\w)/iy;

function withExtension(text: string, end: number): number {
  EXTENSION.lastIndex = end;
  return EXTENSION.test(text) ? EXTENSION.lastIndex : end;
}

function judge(scan: Scan, number: NumberCandidate): number {
  const { start, end, digits, crowded } = number;
  const isTold = (): boolean => hasSign(scan.text, start) || CONTEXT.areNear(scan, start, end);
  const isShort = SHORT.has(number.shape);
  const certainty = isShort ? 0 : alone(number);
  if (certainty === 0) {
    if (isLabelled(scan, start, end)) return NOT_A_NUMBER.test(digits) ? 0 : 0.6;
    return !isShort && MAY_BE_DIALLED.test(digits) && isTold() && isDialled(digits) ? 0.6 : 0;
  }
  const score = crowded ? certainty - 0.2 : certainty;
  return isTold() ? Math.min(0.95, score + 0.25) : score;
}

/** ☎ 02-123-4567 */
function hasSign(text: string, start: number): boolean {
  for (let at = start - 1; at >= start - 3; at--) if (text.charAt(at) === '☎') return true;
  return false;
}

function isLabelled({ text, key }: Scan, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 28), start);
  if (LABEL.test(before) || INVITATION.test(before)) return true;
  SUFFIX.lastIndex = end;
  if (SUFFIX.test(text)) return true;
  // The number is the whole value of the key, but for a bracket.
  return key !== '' && text.length - (end - start) <= 1 && LABEL.test(`${key}:`);
}

/** Mobile telephones in Korea, and those of forms and manuals. */
const MOBILE = /^010\d{8}$/;
const MADE_UP = /^.{3}(\d)\1{7}$/;
const KOREAN_FROM_ABROAD = /^82(?:10\d{8}|[2-6]\d{7,9})$/;
const FRENCH = /^0[1-9]/;
const FRENCH_MOBILE = /^0[67]\d{8}$/;
const BLANKS_ONLY = /^[ \n]+$|_/;

/** What the number says without a word around it. 0: nothing, yet a word might. */
function alone({ digits, groups, shape, gaps }: NumberCandidate): number {
  if (MOBILE.test(digits)) return MADE_UP.test(digits) ? 0 : 0.75;
  if (shape === '4-4') {
    if (!COMPANY.test(digits) || gaps !== '-') return 0;
    return YEAR.test(digits.slice(4)) || digits.startsWith('1600') ? 0.3 : 0.55;
  }
  if (digits.startsWith('00')) return gaps !== '' && isValidNumber('', digits.slice(2)) ? 0.65 : 0;
  if (groups.length === 5) return digits === '0102030405' ? 0 : french(digits);
  if (gaps === '') return FRENCH_MOBILE.test(digits) && isValidNumber('33', digits.slice(1)) ? 0.5 : 0;
  if (digits.startsWith('0')) {
    if (isKorean(groups) && isValidNumber('82', digits.slice(1))) return 0.65;
    return digits.length === 10 ? french(digits) : 0;
  }
  const isOfKorea = groups[0] === 2 && gaps[0] !== '.' && KOREAN_FROM_ABROAD.test(digits);
  if (isOfKorea && isValidNumber('82', digits.slice(2))) return 0.6;
  const isAmerican = groups.at(-1) === 4 && groups.at(-2) === 3 && NORTH_AMERICA.test(digits);
  if (!isAmerican || BLANKS_ONLY.test(gaps)) return 0;
  return isValidNumber('1', digits.slice(-10)) ? 0.65 : 0.55;
}

function french(digits: string): number {
  return FRENCH.test(digits) && isValidNumber('33', digits.slice(1)) ? 0.65 : 0;
}

/** Where a 0 is dialled in front of numbers of the country. */
const NATIONAL = ['82', '33', '44', '49', '61', '41', '32', '31', '81', '46', '43', '353', '64', '972'];
/** There it is part of the number. */
const ITALY = '39';

function isKorean(groups: readonly number[]): boolean {
  return groups.length === 3 ? groups[2] === 4 : groups.length === 2 && (groups[1] ?? 0) >= 7;
}

/** What a number begins with that can be dialled, and how long it is then. */
const MAY_BE_DIALLED = /^(?:0|82|1?[2-9]\d{9}$|1[5-8]\d{6}$)/;

/** Can it be dialled at all, in one of the countries whose languages we read? */
function isDialled(digits: string): boolean {
  if (NOT_A_NUMBER.test(digits)) return false;
  if (NORTH_AMERICA.test(digits) || /^001[2-9]\d{9}$/.test(digits)) return true;
  if (digits.startsWith('00')) return isValidNumber('', digits.slice(2));
  if (digits.startsWith('0')) {
    const national = digits.slice(1);
    return NATIONAL.some((country) => isValidNumber(country, national)) || isValidNumber(ITALY, digits);
  }
  return COMPANY.test(digits) ? digits.length === 8 : digits.startsWith('82') && isValidNumber('', digits);
}

/** International numbers, `+` and the code of the country. */
export const internationalPhone: AnchorRecogniser = {
  anchor: 'plus',
  find(scan, plus) {
    const { text } = scan;
    const first = text.charCodeAt(plus + 1);
    if (!(first > 48 && first <= 57) && text.charAt(plus + 1) !== '(') return;
    if (isWord(text, plus - 1) || text.charAt(plus - 1) === '+') return;
    const number = international(text, plus);
    if (!number) return;
    const isTold = hasSign(text, plus) || CONTEXT.areNear(scan, plus, number.end);
    const score = number.isValid ? 0.8 : 0.6;
    // (+33) 6 12 34 56 78
    const from =
      text.charAt(plus - 1) === '(' && /^\+\d{1,3}\)/.test(text.slice(plus, plus + 5)) ? plus - 1 : plus;
    const end = withExtension(text, number.end);
    // A sum or a line of a diff may look like one that is only possible.
    if (number.isValid || isTold || number.isDivided)
      scan.report('PHONE_NUMBER', from, end, isTold ? score + 0.15 : score);
  },
};
