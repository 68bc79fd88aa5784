import type { EgressPolicy } from '../../egress/policy.ts';
import { decode, isHtml, looksBinary, looksLikeHtml, parseContentType } from './content.ts';
import { readHtml } from './html-reader.ts';
import type { HtmlText } from './html-text.ts';
import { httpGet, type Page } from './http-get.ts';

/** What `fetch_page` answers; its output schema says it again for the clients. */
export type FetchedPage = {
  /** Where the page was in the end. */
  url: string;
  /** The URLs that led there. */
  redirects: string[];
  status: number;
  content_type: string | null;
  title: string | null;
  text: string;
  /** How long the text is as a whole, as far as the page was read. */
  total_chars: number;
  truncated: boolean;
  /** What is missing, and how to get it. */
  note: string | null;
};

/** More than any page a person reads; what is longer is cut. */
const MAX_BYTES = 2 * 1024 * 1024;

/**
 * Fetches a page and makes readable text of it.
 * @throws what `httpGet` and `readHtml` throw
 */
export async function readPage(
  url: URL,
  maxChars: number,
  policy: EgressPolicy,
  signal: AbortSignal,
): Promise<FetchedPage> {
  const page = await httpGet(url, MAX_BYTES, policy, signal);
  const about = {
    url: page.url.href,
    redirects: [...page.redirects],
    status: page.status,
    content_type: page.contentType ?? null,
  };
  const content = await readContent(page, signal);
  if (!content) {
    const note = `This is not text but ${page.contentType ?? 'something without a type'}, so it was not read.`;
    return { ...about, title: null, text: '', total_chars: 0, truncated: false, note };
  }

  const text = firstChars(content.text, maxChars);
  const notes = [
    text.length < content.text.length &&
      `Only the first ${text.length} of ${content.text.length} characters are here: ask for more with max_chars.`,
    page.body?.cut && `The page is longer than ${MAX_BYTES / 1024 / 1024} MiB; the rest of it was not read.`,
  ].filter((note) => typeof note === 'string');
  return {
    ...about,
    title: content.title,
    text,
    total_chars: content.text.length,
    truncated: notes.length > 0,
    note: notes.join(' ') || null,
  };
}

/** The text of a page; undefined when it has none. */
async function readContent({ contentType, body }: Page, signal: AbortSignal): Promise<HtmlText | undefined> {
  const said = parseContentType(contentType);
  if (!body || (said.type === '' && looksBinary(body.bytes))) return undefined;
  const text = decode(body.bytes, said.charset);
  const html = isHtml(said) || (said.type === '' && looksLikeHtml(text));
  return html ? readHtml(text, signal) : { title: null, text };
}

/** The first characters, without half of a surrogate pair at the end. */
function firstChars(text: string, count: number): string {
  const end = /[\uD800-\uDBFF]/.test(text.charAt(count - 1)) ? count - 1 : count;
  return text.length > count ? text.slice(0, end) : text;
}
