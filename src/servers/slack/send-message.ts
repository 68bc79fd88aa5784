import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { answer, channelInput, channelOutput, type Workspace } from './tool.ts';

const inputSchema = z.strictObject({
  channel: channelInput,
  text: z
    .string()
    .trim()
    .min(1)
    .max(12_000)
    .describe("What to say, in Slack's mrkdwn: *bold*, <https://a.example|a link>"),
  thread_ts: z
    .string()
    .regex(
      /^\d{1,12}\.\d{1,9}$/,
      'A ts looks like 1700000000.000100; read_channel tells that of each message.',
    )
    .optional()
    .describe('The ts of a message, to reply in its thread'),
});

const outputSchema = z.object({
  channel: channelOutput,
  ts: z.string().describe('Which message it is now'),
  permalink: z.string().nullable(),
});

export function registerSendMessage(server: McpServer, { slack, directory }: Workspace): void {
  const title = 'Send a Slack message';
  server.registerTool(
    'send_message',
    {
      title,
      description:
        'Writes a message to a Slack channel, in the name of the app. Others read it at once: ask before sending what ' +
        'was not asked for word by word.',
      inputSchema,
      outputSchema,
      annotations: {
        title,
        readOnlyHint: false,
        // It cannot be taken back from those who have read it.
        destructiveHint: true,
        idempotentHint: false,
        openWorldHint: true,
      },
    },
    ({ channel: text, text: message, thread_ts }, { mcpReq: { signal } }) =>
      answer(async () => {
        const api = await slack(signal);
        const channel = await directory.channel(text, api);
        const sent = await api.ask(
          (client) =>
            // oxlint-disable-next-line unicorn/require-post-message-target-origin -- this is a message for people
            client.chat.postMessage({ channel: channel.id, text: message, ...(thread_ts && { thread_ts }) }),
          false,
        );
        const ts = sent.ts ?? '';
        // It is sent: that nobody tells where it is does not change that.
        const link = await api
          .ask((client) => client.chat.getPermalink({ channel: channel.id, message_ts: ts }))
          .catch(() => undefined);
        return { channel, ts, permalink: link?.permalink ?? null } satisfies z.infer<typeof outputSchema>;
      }),
  );
}
