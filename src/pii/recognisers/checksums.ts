/** ISO/IEC 7812-1, annex B: the sum of cards and of French company numbers. */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = digit * 2;
    if (i % 2 === 0) sum += digit;
    else sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Is every digit the same? Placeholders are, and some of them pass checksums. */
export function isRepdigit(digits: string): boolean {
  for (let i = 1; i < digits.length; i++) if (digits.charCodeAt(i) !== digits.charCodeAt(0)) return false;
  return true;
}

/** The sum of the digits, each with its weight. */
export function weighted(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * (digits.charCodeAt(i) - 48), 0);
}

/** ISO/IEC 7064, MOD 97-10, as in IBAN: the first four characters go to the end, letters count from A = 10, and the rest is 1. */
export function isMod97(compact: string): boolean {
  const turned = compact.slice(4) + compact.slice(0, 4);
  let rest = 0;
  for (let i = 0; i < turned.length; i++) {
    const code = turned.charCodeAt(i);
    // A letter with this bit is a small one: a is 97.
    const number = code < 58 ? code - 48 : (code | 32) - 87;
    rest = (rest * (number > 9 ? 100 : 10) + number) % 97;
  }
  return rest === 1;
}
