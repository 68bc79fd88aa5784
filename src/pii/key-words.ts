/** A key as its words in lower case: `cardNumber`, `card_number` and `card-number` read `card number`. */
export function keyWords(key: string): string {
  // Most keys are one word.
  if (/^[a-z]{1,40}$/.test(key)) return key;
  return key
    .slice(0, 200)
    .normalize('NFKC')
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ')
    .replace(/[_.\-/[\]]+/g, ' ')
    .trim()
    .toLowerCase();
}
