import { isHex, isWord } from '../characters.ts';
import { contextWords } from '../context.ts';
import type { AnchorRecogniser, DigitRecogniser, Scan, WordRecogniser } from '../recogniser.ts';

const COLONS = /[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}(?![:A-Za-z0-9_])/y;
const HYPHENS = /[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}(?![A-Za-z0-9_]|-[A-Za-z0-9])/y;
/** No card's own. */
const NOBODY = /^(?:00[:-]){5}00$|^(?:ff[:-]){5}ff$/i;
const LENGTH = 17;

/** Six pairs with colons; twenty of them are the fingerprint of a certificate. */
export const macWithColons: AnchorRecogniser = {
  anchor: 'colon',
  find(scan, colon) {
    if (scan.text.charAt(colon + 3) === ':') at(scan, colon - 2, COLONS);
  },
};

/** Six pairs with hyphens. */
export const macWithHyphens: WordRecogniser = {
  anchor: 'word',
  find(scan, start, end) {
    // At most a full stop behind it.
    if (end - start <= LENGTH + 1 && scan.text.charAt(start + 2) === '-') at(scan, start, HYPHENS);
  },
};

const DOTS = /[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![A-Za-z0-9_]|\.[A-Za-z0-9])/y;
const BARE = /[0-9A-Fa-f]{12}(?![A-Za-z0-9_])/y;
const CONTEXT = contextWords('^mac$ 맥-주소 ethernet ^bssid$ ^hwaddr$ physical-address');

const DOT = '.'.charCodeAt(0);

/** Three groups of four, as routers write them; and bare, where a word tells. Found at any of its digits. */
export const macInGroups: DigitRecogniser = {
  anchor: 'digits',
  find(scan, start, end) {
    const { text } = scan;
    let from = start;
    while (start - from < 14 && (isHex(text, from - 1) || text.charCodeAt(from - 1) === DOT)) from -= 1;
    if (start - from > 13 || isWord(text, from - 1)) return;
    // Most such words end before it comes to that.
    if (!isHex(text, from + 11)) return;
    if (text.charCodeAt(from + 4) === DOT) {
      DOTS.lastIndex = from;
      if (DOTS.test(text) && /[A-Fa-f]/.test(text.slice(from, from + 14)))
        scan.report('MAC', from, from + 14, 0.7);
    } else if (isHex(text, from + 5) && isHex(text, from + 6)) {
      BARE.lastIndex = from;
      if (BARE.test(text) && CONTEXT.areNear(scan, from, end)) scan.report('MAC', from, from + 12, 0.75);
    }
  },
};

function at(scan: Scan, start: number, shape: RegExp): void {
  const { text } = scan;
  if (start < 0 || /[:A-Za-z0-9_-]/.test(text.charAt(start - 1))) return;
  shape.lastIndex = start;
  const found = shape.exec(text)?.[0];
  if (found !== undefined && !NOBODY.test(found)) scan.report('MAC', start, start + LENGTH, 0.85);
}
