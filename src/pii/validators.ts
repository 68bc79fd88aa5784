import { isLuhn, isMod97 } from './recognisers/checksums.ts';

/** What a pattern of one's own may have its matches checked by. */
export const VALIDATORS: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['luhn', (value) => isLuhn(value.replace(/\D/g, ''))],
  ['mod97', (value) => isMod97(value.replace(/[^A-Za-z0-9]/g, ''))],
  ['digits', (value) => /\d/.test(value)],
]);
