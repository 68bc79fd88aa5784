import { contextWords } from '../context.ts';
import type { NumberRecogniser } from '../recogniser.ts';
import { isLuhn, isRepdigit, weighted } from './checksums.ts';

const CONTEXT = contextWords(
  'siret siren insee établissement etablissement entreprise société sociéte societé societe 사업자',
);
/** La Poste has too many establishments for Luhn: their digits add up to a multiple of 5. */
const POST = '356000000';

/** French establishments: 9 digits of the company, 5 of the place. */
export const frSiret: NumberRecogniser = {
  anchor: 'number',
  shapes: ['3-3-3-5', '14', '9-5'],
  find(scan, { start, end, digits, groups }) {
    if (!hasChecksum(digits) || isRepdigit(digits)) return;
    if (CONTEXT.areNear(scan, start, end)) scan.report('FR_SIRET', start, end, 0.9);
    // Bare, it may as well be a day and a time.
    else if (groups.length === 4) scan.report('FR_SIRET', start, end, 0.75);
  },
};

function hasChecksum(digits: string): boolean {
  if (isLuhn(digits)) return true;
  const sum = weighted(digits, Array<number>(digits.length).fill(1));
  return digits.startsWith(POST) && sum % 5 === 0;
}
