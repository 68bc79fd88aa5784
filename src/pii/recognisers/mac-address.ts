import type { AnchorRecogniser, Scan, WordRecogniser } from '../recogniser.ts';

const COLONS = /[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}(?![:A-Za-z0-9_])/y;
const HYPHENS = /[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}(?![A-Za-z0-9_]|-[A-Za-z0-9])/y;
/** No card's own. */
const NOBODY = /^(?:00[:-]){5}00$|^(?:ff[:-]){5}ff$/i;
const LENGTH = 17;

/** Six pairs with colons; twenty of them are the fingerprint of a certificate. */
export const macWithColons: AnchorRecogniser = {
  anchor: 'colon',
  find(scan, colon) {
    if (scan.text[colon + 3] === ':') at(scan, colon - 2, COLONS);
  },
};

/** Six pairs with hyphens. */
export const macWithHyphens: WordRecogniser = {
  anchor: 'word',
  find(scan, start, end) {
    // At most a full stop behind it.
    if (end - start <= LENGTH + 1 && scan.text[start + 2] === '-') at(scan, start, HYPHENS);
  },
};

function at(scan: Scan, start: number, shape: RegExp): void {
  const { text } = scan;
  if (start < 0 || /[:A-Za-z0-9_-]/.test(text.charAt(start - 1))) return;
  shape.lastIndex = start;
  const found = shape.exec(text)?.[0];
  if (found !== undefined && !NOBODY.test(found)) scan.report('MAC_ADDRESS', start, start + LENGTH, 0.85);
}
