import { isIPv6 } from 'node:net';
import { isHex, isWord } from '../characters.ts';
import { contextWords } from '../context.ts';
import type { AnchorRecogniser, NumberRecogniser } from '../recogniser.ts';

const CONTEXT = contextWords(
  '^ip$ ^ipv4$ ^ipv6$ address adresse addr client remote host 접속 아이피 주소 로그인 login from$',
);
/** Everybody's own: they say nothing of anybody. */
const NOBODY = /^(?:0\.|127\.|255\.|224\.0\.0\.)|\.255\.255$/;
/** Object identifiers of X.500 have the shape. */
const OBJECT = /^2\.5\.(?:4|29)\./;

/** What stands in front of the version of a program: `version `, `Chrome/`, `lodash@`, `libc-`, `v`. */
const VERSION = /version[ :=]*$|[A-Za-z][/@-]v?$|\bv$/i;

/** IPv4. Versions of programs have the shape too: small numbers, or behind a name, need a word beside them. */
export const ipv4: NumberRecogniser = {
  anchor: 'number',
  shapes: shapes(),
  find(scan, { start, end, gaps }) {
    if (gaps !== '...') return;
    const { text } = scan;
    const octets = text.slice(start, end).split('.');
    if (octets.length !== 4 || octets.some((octet) => Number(octet) > 255 || /^0\d/.test(octet))) return;
    const address = octets.join('.');
    if (NOBODY.test(address) || OBJECT.test(address) || isBlock(text, end)) return;
    const isNamed = VERSION.test(text.slice(Math.max(0, start - 10), start));
    const isSmall = octets.every((octet) => Number(octet) < 20) && octets[0] !== '10';
    if (!isNamed && !isSmall) scan.report('IP_ADDRESS', start, end, 0.75);
    else if (!isNamed && CONTEXT.areNear(scan, start, end)) scan.report('IP_ADDRESS', start, end, 0.6);
  },
};

/** In CIDR notation, 10.0.0.0/8: a block, and nobody's address. */
function isBlock(text: string, end: number): boolean {
  return text.charAt(end) === '/' && /^\/\d{1,3}(?![\w/])/.test(text.slice(end, end + 5));
}

function shapes(): string[] {
  const lengths = [1, 2, 3];
  return lengths.flatMap((a) =>
    lengths.flatMap((b) => lengths.flatMap((c) => lengths.map((d) => [a, b, c, d].join('-')))),
  );
}

function isColonOrDot(code: number): boolean {
  return code === 58 || code === 46;
}

const RUN = /[0-9A-Fa-f:.]{3,45}/y;

/** IPv6, found at its first colon. */
export const ipv6: AnchorRecogniser = {
  anchor: 'colon',
  find(scan, colon) {
    const { text } = scan;
    // Most colons are behind a word, or before a blank, and end here.
    if (!isHex(text, colon + 1) && text.charAt(colon + 1) !== ':') return;
    let start = colon;
    while (colon - start < 5 && isHex(text, start - 1)) start -= 1;
    if (colon - start > 4 || isWord(text, start - 1) || isColonOrDot(text.charCodeAt(start - 1))) return;
    RUN.lastIndex = start;
    const run = (RUN.exec(text)?.[0] ?? '').replace(/(?:\.|(?<!:):)$/, '');
    const isShort = !run.includes('::') && run.split(':').length < 7;
    if (isShort || !isIPv6(run) || isWord(text, start + run.length)) return;
    if (isBlock(text, start + run.length)) return;
    // Slices and names of modules: [::2], a::b.
    const groups = run.split(':').filter((group) => group !== '');
    const isTelling = /\d/.test(run) && groups.length >= 2 && groups.some((group) => group.length >= 3);
    if (isTelling) scan.report('IP_ADDRESS', start, start + run.length, 0.8);
  },
};
