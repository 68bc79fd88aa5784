import { isLuhn } from './recognisers/checksums.ts';

/** What a pattern of one's own may have its matches checked by. */
export const VALIDATORS: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['luhn', (value) => isLuhn(value.replace(/\D/g, ''))],
  ['mod97', (value) => isMod97(value)],
  ['digits', (value) => /\d/.test(value)],
]);

/** ISO/IEC 7064, MOD 97-10, as in IBAN: letters count from A = 10, and the remainder is 1. */
function isMod97(value: string): boolean {
  const plain = value.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
  let rest = 0;
  for (const char of plain.slice(4) + plain.slice(0, 4)) {
    const number = Number.parseInt(char, 36);
    rest = (rest * (number > 9 ? 100 : 10) + number) % 97;
  }
  return plain.length > 4 && rest === 1;
}
