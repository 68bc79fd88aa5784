import type { AnchorRecogniser } from '../recogniser.ts';

const LOCAL = /[A-Za-z0-9._%+'-]/;
const NOT_FIRST = ".'%+-";
/** RFC 5321, section 4.5.3.1.1. */
const LOCAL_LENGTH = 64;
/** Labels of letters, digits and inner hyphens; the last one of letters. Beside Hangul it simply ends. */
const DOMAIN =
  /(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}(?:xn--[A-Za-z0-9-]{2,20}|[A-Za-z]{2,24})(?![A-Za-z0-9_])/y;
/** What stands behind the last dot of a file, not of a host: `icon@2x.png`. */
const FILE =
  /\.(?:png|jpe?g|gif|svg|webp|ico|js|mjs|cjs|ts|tsx|jsx|css|html|json|ya?ml|md|txt|py|rb|go|rs|java|sh|zip|gz|tgz|service|target|timer)$/i;
/** The accounts that repositories are cloned with. */
const MACHINE = /^(?:git|hg|svn)$/;

/** Addresses such as `kim@example.co.kr`. */
export const email: AnchorRecogniser = {
  anchor: 'at',
  find(scan, at) {
    const { text } = scan;
    let start = at;
    while (start > 0 && at - start <= LOCAL_LENGTH && LOCAL.test(text.charAt(start - 1))) start -= 1;
    while (start < at && NOT_FIRST.includes(text.charAt(start))) start += 1;
    const length = at - start;
    if (length === 0 || length > LOCAL_LENGTH) return;
    DOMAIN.lastIndex = at + 1;
    if (!DOMAIN.test(text)) return;
    const end = DOMAIN.lastIndex;
    if (FILE.test(text.slice(at + 1, end))) return;
    // user@host of a URL, and the user of an scp address.
    if (text.startsWith('//', start - 2)) return;
    if (MACHINE.test(text.slice(start, at))) return;
    if (text.charAt(at - 1) === '.') return;
    scan.report('EMAIL_ADDRESS', start, end, 0.9);
  },
};
