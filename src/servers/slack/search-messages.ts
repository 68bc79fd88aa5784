import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { asOutput, messageOutput, sendersOf } from './message.ts';
import { answer, channelOutput, looksOnly, type Workspace } from './tool.ts';

const inputSchema = z.strictObject({
  query: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .describe('What to search, as in Slack: words, "a phrase", in:#general, from:@alice, after:2026-01-31'),
  sort: z.enum(['score', 'timestamp']).default('score').describe('The best first, or the newest first'),
  limit: z.int().min(1).max(100).default(20).describe('How many a page has'),
  page: z.int().min(1).max(100).default(1),
});

const outputSchema = z.object({
  messages: z.array(messageOutput.extend({ channel: channelOutput, permalink: z.string().nullable() })),
  total: z.int().describe('How many fit'),
  page: z.int(),
  pages: z.int(),
});

export function registerSearchMessages(server: McpServer, { slack, directory }: Workspace): void {
  const title = 'Search Slack messages';
  server.registerTool(
    'search_messages',
    {
      title,
      description:
        'Searches the messages of the Slack workspace. Slack allows this to user tokens (xoxp-…) with the scope search:read.',
      inputSchema,
      outputSchema,
      annotations: looksOnly(title),
    },
    ({ query, sort, limit, page }, { mcpReq: { signal } }) =>
      answer(async () => {
        const api = await slack(signal);
        const { messages } = await api.ask((client) =>
          client.search.messages({ query, sort, sort_dir: 'desc', count: limit, page }),
        );
        const matches = (messages?.matches ?? []).slice(0, limit);
        const names = await directory.names(sendersOf(matches), api);
        return {
          messages: matches.map((match) => ({
            ...asOutput(match, names),
            channel: { id: match.channel?.id ?? '', name: match.channel?.name ?? null },
            permalink: match.permalink ?? null,
          })),
          total: messages?.total ?? matches.length,
          page,
          pages: messages?.paging?.pages ?? 1,
        } satisfies z.infer<typeof outputSchema>;
      }),
  );
}
