import { hash } from 'node:crypto';
import { Html, html } from './html.ts';
import type { Texts } from './texts.ts';

/** A page and the headers that go with it. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ground:#eef1f4;--ink:#17212b;--soft:#5a6775;--line:#d5dce3;--key:#0b5f73;--key-ink:#fff;--warn:#fdf3dc;--warn-line:#d9a514;--bad:#a3201f}
@media(prefers-color-scheme:dark){:root{--paper:#1a222b;--ground:#10161c;--ink:#e9eef3;--soft:#9fadba;--line:#35414d;--key:#5fc3d8;--key-ink:#06262e;--warn:#33290f;--warn-line:#b78a17;--bad:#ff9d97}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem 1rem;background:var(--ground);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans KR","Apple SD Gothic Neo","Malgun Gothic",sans-serif;word-break:keep-all;overflow-wrap:anywhere}
main{width:100%;max-width:27rem;background:var(--paper);border:1px solid var(--line);border-radius:14px;padding:2rem 1.9rem 1.6rem;box-shadow:0 12px 40px rgb(16 32 48/.09)}
.brand{display:flex;align-items:center;gap:.55rem;margin:0 0 1.5rem;font-weight:600;letter-spacing:.01em;color:var(--soft)}
.brand svg{width:1.5rem;height:1.5rem;color:var(--key)}
h1{margin:0 0 .35rem;font-size:1.5rem;line-height:1.25;letter-spacing:-.01em}
p{margin:0 0 1rem}
.soft{color:var(--soft);font-size:.925rem}
label{display:block;margin:0 0 .3rem;font-weight:600;font-size:.925rem}
input{width:100%;margin:0 0 1.1rem;padding:.68rem .8rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--soft);border-radius:8px}
button,.button{display:block;width:100%;padding:.74rem 1rem;margin:0 0 .65rem;font:inherit;font-weight:600;text-align:center;text-decoration:none;border-radius:8px;border:1px solid var(--key);background:var(--key);color:var(--key-ink);cursor:pointer}
button:hover{filter:brightness(1.08)}
button.plain{background:transparent;color:var(--ink);border-color:var(--line)}
button.link{display:inline;width:auto;margin:0;padding:0;border:0;background:none;color:var(--key);font-weight:500;font-size:.925rem;text-decoration:underline}
:focus-visible{outline:3px solid var(--key);outline-offset:2px}
.who{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.25rem .75rem;padding:.6rem .8rem;margin:0 0 1.1rem;border:1px solid var(--line);border-radius:8px;font-size:.925rem}
.who form,.who p{margin:0}
h2{margin:0 0 .35rem;font-size:.925rem}
ul{margin:0 0 1.1rem;padding:0 0 0 1.15rem}
.where{margin:0 0 1.1rem;padding:.75rem .8rem;border:1px solid var(--line);border-radius:8px}
.where b{display:block;font:600 1.02rem/1.4 ui-monospace,SFMono-Regular,Consolas,"Liberation Mono",monospace}
.warn{padding:.75rem .85rem;margin:0 0 1.1rem;background:var(--warn);border-left:4px solid var(--warn-line);border-radius:6px;font-size:.925rem}
.bad{color:var(--bad);font-weight:600}
code{font:.875rem ui-monospace,SFMono-Regular,Consolas,monospace}
footer{margin:.9rem 0 0;padding:.9rem 0 0;border-top:1px solid var(--line)}
footer p{margin:0}
`;

// The hash is of all that stands between the tags, and templates of HTML are reformatted.
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);
const STYLE_HASH = `'sha256-${hash('sha256', STYLE, 'base64')}'`;
const MARK = new Html(
  '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round" aria-hidden="true"><path d="M3 21V9l3 2V7l3 2.2L12 5l3 4.2L18 7v4l3-2v12z"/><path d="M9.5 21v-4.5a2.5 2.5 0 0 1 5 0V21"/></svg>',
);

/**
 * @param formTargets where a form may lead besides this server: browsers look at the redirect that follows it as well
 */
export function page(title: string, body: Html, texts: Texts, formTargets: readonly string[] = []): Page {
  const text = html`<!doctype html>
    <html lang="${texts.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · Sallyport</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          <p class="brand">${MARK}<span>Sallyport</span></p>
          ${body}
        </main>
      </body>
    </html> `.text;
  return { html: text, headers: headersWith(formTargets) };
}

/** No script, no picture, no frame around it: what is clicked here is what is seen here. */
function headersWith(formTargets: readonly string[]): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src ${STYLE_HASH}`,
    ["form-action 'self'", ...formTargets].join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    // Not `no-referrer`: browsers would then say of our own forms that they come from nowhere (`Origin: null`).
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}
