import { isWord } from '../characters.ts';
import { planned } from './numbering-plans.ts';

/** Zeros and the like: no number of anybody. */
export const NOT_A_NUMBER = /^0*(\d)\1+$/;

/**
 * Does somebody's numbering plan have this number?
 * @param country its code, without `+`; empty when the digits begin with it
 */
export function isValidNumber(country: string, digits: string): boolean {
  const number = planned(country + digits);
  return number?.plan.isValid(number.national) ?? false;
}

/** What follows a `+`, as far as it is one number. */
export interface International {
  readonly end: number;
  /** Or else only of a length that is possible. */
  readonly isValid: boolean;
  /** Written in groups. */
  readonly isDivided: boolean;
}

/** E.164 has 15 digits at most; fewer than 8 are no subscriber's. */
const MOST = 15;
const LEAST = 8;

/** Reads `+82 (0)10-1234-5678`; of the groups as many as make a number. */
export function international(text: string, plus: number): International | undefined {
  const stops: { end: number; digits: string }[] = [];
  let digits = '';
  let at = text.charAt(plus + 1) === '(' ? plus + 2 : plus + 1;
  let lines = 1;
  while (digits.length <= MOST) {
    const run = runAt(text, at);
    if (run === '') break;
    at += run.length;
    // The 0 of (0) is dialled only inside the country.
    if (run !== '0' || text.charAt(at) !== ')' || digits === '') {
      digits += run;
      if (digits.length <= MOST) stops.push({ end: text.charAt(at) === ')' ? at + 1 : at, digits });
    }
    GAP.lastIndex = at;
    const next = GAP.test(text) ? GAP.lastIndex : at;
    if (text.slice(at, next).includes('\n')) lines += 1;
    // A column of numbers is a column.
    if (lines > 2) break;
    at = next;
  }
  const ended = stops.filter((stop) => stop.digits.length >= LEAST && endsAt(text, stop.end));
  const valid = ended.findLast((stop) => isValidNumber('', stop.digits));
  if (valid) return { end: valid.end, isValid: true, isDivided: stops.length > 1 };
  const possible = ended.findLast((stop) => isPossible(stop.digits));
  return possible && { end: possible.end, isValid: false, isDivided: stops.length > 2 };
}

function isPossible(digits: string): boolean {
  const number = planned(digits);
  return number?.plan.isPossible(number.national) ?? false;
}

function runAt(text: string, start: number): string {
  let end = start;
  while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end += 1;
  return text.slice(start, end);
}

/** A number, or one with an extension: +1-415-555-2671x12. */
function endsAt(text: string, end: number): boolean {
  return !isWord(text, end) || /^x\d{1,6}(?!\w)/.test(text.slice(end, end + 8));
}

/**
 * What parts groups: a bracket that closes, one mark with its blanks, the end of a line, a bracket around an area or (0).
 * A hyphen with a blank in front of it alone is a minus: `+12 -3`.
 */
const GAP = /\)?(?:[ .-]{0,2}\r?\n[ \t]{0,2}| - |- ?|[./] ?| {1,3})?(?:\((?=\d{1,5}\)))?/y;
