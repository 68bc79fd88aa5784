import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { readChannels, type SlackChannel } from './directory.ts';
import { answer, cursorInput, looksOnly, nextCursor, type Workspace } from './tool.ts';

const inputSchema = z.strictObject({
  name: z.string().trim().min(1).max(80).optional().describe('Only those with this in their name'),
  include_archived: z.boolean().default(false),
  limit: z.int().min(1).max(1000).default(100).describe('How many to return'),
  cursor: cursorInput,
});

type Input = z.infer<typeof inputSchema>;

const outputSchema = z.object({
  channels: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      is_private: z.boolean(),
      is_archived: z.boolean(),
      is_member: z.boolean().describe('The app is in it, and can read it'),
      members: z.int().nullable(),
      topic: z.string(),
      purpose: z.string(),
    }),
  ),
  next_cursor: nextCursor,
  note: z.string().nullable().describe('What to know about this answer'),
});

export function registerListChannels(server: McpServer, { slack }: Workspace): void {
  const title = 'List Slack channels';
  server.registerTool(
    'list_channels',
    {
      title,
      description:
        'Lists the channels of the Slack workspace that the app sees, with topic, purpose and members.',
      inputSchema,
      outputSchema,
      annotations: looksOnly(title),
    },
    ({ name, include_archived, limit, cursor }, { mcpReq: { signal } }) =>
      answer(async () => {
        const wanted = wantedBy(name, include_archived);
        const { items, next, publicOnly } = await readChannels(await slack(signal), {
          limit,
          cursor,
          wanted,
        });
        return {
          channels: items.map(asOutput),
          next_cursor: next,
          note: publicOnly ? 'Without private channels: the token is not for them (groups:read).' : null,
        } satisfies z.infer<typeof outputSchema>;
      }),
  );
}

function wantedBy(name: Input['name'], includeArchived: boolean): (channel: SlackChannel) => boolean {
  const part = name?.replace(/^#/, '').toLowerCase() ?? '';
  return (channel) =>
    (includeArchived || channel.is_archived !== true) && (channel.name ?? '').toLowerCase().includes(part);
}

function asOutput(channel: SlackChannel): z.infer<typeof outputSchema>['channels'][number] {
  return {
    id: channel.id ?? '',
    name: channel.name ?? '',
    is_private: channel.is_private ?? false,
    is_archived: channel.is_archived ?? false,
    is_member: channel.is_member ?? false,
    members: channel.num_members ?? null,
    topic: channel.topic?.value ?? '',
    purpose: channel.purpose?.value ?? '',
  };
}
