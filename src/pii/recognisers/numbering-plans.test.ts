import { getCountries, getCountryCallingCode, PhoneNumber } from 'libphonenumber-js/max';
import { expect, it } from 'vitest';
import { Random } from '../../../test/integration/pii/random.ts';
import { planned } from './numbering-plans.ts';

/** What the library itself says of a number. */
function ofLibrary(digits: string): { isValid: boolean; isPossible: boolean } {
  try {
    const number = new PhoneNumber(`+${digits}`);
    return { isValid: number.isValid(), isPossible: number.isPossible() };
  } catch {
    // No country has the code.
    return { isValid: false, isPossible: false };
  }
}

function ofPlan(digits: string): { isValid: boolean; isPossible: boolean } {
  const number = planned(digits);
  return {
    isValid: number?.plan.isValid(number.national) ?? false,
    isPossible: number?.plan.isPossible(number.national) ?? false,
  };
}

it('agrees with the library about numbers of every country, valid and not', () => {
  const random = new Random(7);
  // Of numbers that are no country’s, and of networks that are of none.
  const codes = [
    '',
    '800',
    '870',
    '882',
    '883',
    '979',
    ...getCountries().map((country) => getCountryCallingCode(country)),
  ];
  let valid = 0;
  for (const code of codes)
    for (let i = 0; i < 100; i++) {
      const digits = code + random.digits(4 + random.int(0, 9));
      const said = ofLibrary(digits);
      if (said.isValid) valid += 1;
      expect(ofPlan(digits), digits).toEqual(said);
    }
  expect(valid).toBeGreaterThan(500);
});

it.each(['', '0', '1', '82', '999999999', '0821012345678'])('knows nobody with the number +%s', (digits) => {
  expect(ofPlan(digits)).toEqual({ isValid: false, isPossible: false });
});
