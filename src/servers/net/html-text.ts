import { compile, type HtmlToTextOptions } from 'html-to-text';

/** A page as a person reads it. */
export interface HtmlText {
  readonly title: string | null;
  readonly text: string;
}

const LIMITS = { maxDepth: 200, ellipsis: '…' };

/** What a page shows otherwise than as text, or not at all. `head`: the title is told apart. */
const UNREADABLE = 'head title img noscript template svg canvas video audio iframe object select'.split(' ');

const TEXT: HtmlToTextOptions = {
  wordwrap: false,
  limits: LIMITS,
  selectors: [
    ...UNREADABLE.map((selector) => ({ selector, format: 'skip' })),
    { selector: 'a', options: { ignoreHref: true } },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    // Cells of a row would run into one another.
    ...['td', 'th'].map((selector) => ({ selector, format: 'inlineSurround', options: { suffix: ' ' } })),
    { selector: 'tr', format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
  ],
};

const TITLE: HtmlToTextOptions = {
  wordwrap: false,
  limits: { ...LIMITS, maxBaseElements: 1 },
  baseElements: { selectors: ['title'], returnDomByDefault: false },
};

const toText = compile(TEXT);
const toTitle = compile(TITLE);

/** Makes text of HTML. A page can be built so that this takes minutes: call `readHtml` for pages from outside. */
export function htmlText(html: string): HtmlText {
  const lines = toText(html)
    .split('\n')
    .map((line) => line.trimEnd());
  // Three line breaks in a row say no more than two.
  const text = lines.filter((line, index) => line !== '' || lines[index - 1] !== '').join('\n');
  return { title: toTitle(html).trim() || null, text: text.trim() };
}
