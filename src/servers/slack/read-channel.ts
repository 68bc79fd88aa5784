import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { asOutput, messageOutput, sendersOf, type SlackMessage } from './message.ts';
import { collect } from './pages.ts';
import {
  answer,
  channelInput,
  channelOutput,
  cursorInput,
  looksOnly,
  nextCursor,
  type Workspace,
} from './tool.ts';

const inputSchema = z.strictObject({
  channel: channelInput,
  limit: z.int().min(1).max(200).default(20).describe('How many messages, from the last one back'),
  cursor: cursorInput,
});

const outputSchema = z.object({
  channel: channelOutput,
  messages: z
    .array(
      messageOutput.extend({
        replies: z.int().describe('How many replies it has in its thread'),
      }),
    )
    .describe('The oldest first, as one reads them'),
  next_cursor: nextCursor.describe('For the messages before these, when there are some'),
});

interface Message extends SlackMessage {
  readonly reply_count?: number;
}

export function registerReadChannel(server: McpServer, { slack, directory }: Workspace): void {
  const title = 'Read a Slack channel';
  server.registerTool(
    'read_channel',
    {
      title,
      description: 'Reads the last messages of a Slack channel: who wrote what and when, the oldest first.',
      inputSchema,
      outputSchema,
      annotations: looksOnly(title),
    },
    ({ channel: text, limit, cursor }, { mcpReq: { signal } }) =>
      answer(async () => {
        const api = await slack(signal);
        const channel = await directory.channel(text, api);
        const { items, next } = await collect<Message>(
          async (from, size) => {
            const page = await api.ask((client) =>
              client.conversations.history({
                channel: channel.id,
                limit: size,
                ...(from && { cursor: from }),
              }),
            );
            return { items: page.messages ?? [], next: page.response_metadata?.next_cursor };
          },
          () => true,
          limit,
          cursor,
        );
        const names = await directory.names(sendersOf(items), api);
        return {
          channel,
          messages: items
            .toReversed()
            .map((each) => ({ ...asOutput(each, names), replies: each.reply_count ?? 0 })),
          next_cursor: next,
        } satisfies z.infer<typeof outputSchema>;
      }),
  );
}
