import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { EgressPolicy } from '../../egress/policy.ts';
import { pageUrl } from './page-url.ts';
import type { FetchedPage } from './read-page.ts';
import { answer, hostInput, looksOnly } from './tool.ts';

/** For everything: all redirects, the body, and making text of it. */
const TIMEOUT_MS = 20_000;

const inputSchema = z.strictObject({
  url: z.string().optional().describe('The page, as http://… or https://…. Give this, or host.'),
  host: hostInput.optional(),
  port: z.int().min(1).max(65_535).optional().describe('With host. Default: what the scheme says'),
  path: z.string().optional().describe('With host: the path and query. Default: /'),
  scheme: z
    .enum(['http', 'https'])
    .optional()
    .describe('With host. Default: https without a port or with 443, http with any other'),
  max_chars: z.int().min(100).max(500_000).default(20_000).describe('How much of the text to return'),
});

const outputSchema = z.object({
  url: z.string().describe('Where the page was in the end'),
  redirects: z.array(z.string()).describe('The URLs that led there'),
  status: z.int().min(100).max(999),
  content_type: z.string().nullable(),
  title: z.string().nullable(),
  text: z.string(),
  total_chars: z.int().min(0).describe('How long the text is as a whole, as far as the page was read'),
  truncated: z.boolean(),
  note: z.string().nullable().describe('What is missing, and how to get it'),
}) satisfies z.ZodType<FetchedPage>;

export function registerFetchPage(server: McpServer, policy: EgressPolicy): void {
  const title = 'Fetch a web page';
  server.registerTool(
    'fetch_page',
    {
      title,
      description:
        'Fetches a web page and returns its readable text, with status, content type and title. Redirects are ' +
        'followed. An error page of the server is a page, too: look at the status.',
      inputSchema,
      outputSchema,
      annotations: looksOnly(title),
    },
    (args, { mcpReq: { signal } }) =>
      answer(async () => {
        const url = pageUrl(args);
        // undici and the HTML library are half of what this server weighs, and many a one never fetches a page.
        const { readPage } = await import('./read-page.ts');
        return readPage(
          url,
          args.max_chars,
          policy,
          AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        );
      }, asText),
  );
}

/** The page as one would print it: JSON would escape every line of it. */
function asText({ url, status, content_type, title, text, note }: FetchedPage): string {
  const head = [`${status} ${content_type ?? 'unknown type'} ${url}`, title && `Title: ${title}`];
  return [head.filter(Boolean).join('\n'), text, note && `[${note}]`].filter(Boolean).join('\n\n');
}
