import type { Dispatcher } from 'undici';
import { guardedAgent } from '../../egress/agent.ts';
import type { EgressPolicy } from '../../egress/policy.ts';
import { type Body, readBody } from './body.ts';
import { isText, parseContentType } from './content.ts';
import { explain, ToolFailure } from './failure.ts';
import { webUrl } from './page-url.ts';

const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const HEADERS = {
  'user-agent': 'Sallyport fetch_page',
  accept: 'text/html,application/xhtml+xml,text/*;q=0.9,application/json;q=0.8,*/*;q=0.5',
  'accept-encoding': 'gzip, br',
};

/** The answer to a GET, after the redirects. */
export interface Page {
  readonly url: URL;
  /** The URLs that led here, the first asked for first. */
  readonly redirects: readonly string[];
  readonly status: number;
  /** The Content-Type header as it came. */
  readonly contentType: string | undefined;
  /** Undefined when the type says that it is no text: then it was not read. */
  readonly body: Body | undefined;
}

/**
 * Fetches a page; up to five redirects are followed, each through the guard again.
 * @param maxBytes how much of the body to read, after unpacking
 * @throws {ToolFailure} after a redirect; else also `EgressError` and what sockets, TLS, zlib and undici throw
 */
export async function httpGet(
  start: URL,
  maxBytes: number,
  policy: EgressPolicy,
  signal: AbortSignal,
): Promise<Page> {
  // An answer that unpacks to less than it weighs could go on for ever without the limit being reached.
  const agent = guardedAgent(policy, { signal, maxResponseSize: 2 * maxBytes });
  const redirects: string[] = [];
  let url = start;
  try {
    for (;;) {
      const { origin, pathname, search } = url;
      const request = { origin, path: pathname + search, method: 'GET', headers: HEADERS, signal } as const;
      const answer = await agent.request(request);
      const location = REDIRECTS.has(answer.statusCode) ? only(answer.headers['location']) : undefined;
      if (location === undefined) return { url, redirects, ...(await readAnswer(answer, maxBytes)) };

      if (redirects.length === MAX_REDIRECTS) {
        throw new ToolFailure(`there is another one, and at most ${MAX_REDIRECTS} are followed.`);
      }
      await answer.body.dump({ limit: 64 * 1024 });
      redirects.push(url.href);
      url = webUrl(location, url);
    }
  } catch (error) {
    if (redirects.length === 0 || signal.aborted) throw error;
    // Whoever asked for one place and hears of another should know why.
    throw new ToolFailure(`After a redirect: ${explain(error)}`, { cause: error });
  } finally {
    await agent.destroy();
  }
}

async function readAnswer(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  maxBytes: number,
): Promise<Pick<Page, 'status' | 'contentType' | 'body'>> {
  const about = { status: statusCode, contentType: only(headers['content-type']) };
  if (!isText(parseContentType(about.contentType))) {
    body.on('error', () => {}).destroy();
    return { ...about, body: undefined };
  }
  const encoding = [headers['content-encoding'] ?? []].flat().join(',');
  return { ...about, body: await readBody(body, encoding, maxBytes) };
}

/** The value of a header that may stand once; of several, the first. */
function only(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
