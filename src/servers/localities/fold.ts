/**
 * A name as it is compared: without accents, capitals, hyphens, apostrophes, ligatures and abbreviations, so that
 * "st etienne", "Saint-Étienne" and "SAINT ETIENNE" are one.
 */
export function fold(name: string): string {
  return (
    name
      .normalize('NFD')
      .replaceAll(/\p{M}/gu, '')
      .toLowerCase()
      .replaceAll('œ', 'oe')
      .replaceAll('æ', 'ae')
      .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
      .trim()
      // "St", "Ste", "Sts" and "Stes", as they stand on letters.
      .replaceAll(/\bst(e?s?)\b/g, 'saint$1')
  );
}
