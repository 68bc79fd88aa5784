import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { collect } from './pages.ts';
import { answer, cursorInput, looksOnly, nextCursor, type Workspace } from './tool.ts';

const inputSchema = z.strictObject({
  name: z.string().trim().min(1).max(80).optional().describe('Only those with this in one of their names'),
  include_bots: z.boolean().default(false),
  include_deactivated: z.boolean().default(false),
  limit: z.int().min(1).max(1000).default(100).describe('How many to return'),
  cursor: cursorInput,
});

type Input = z.infer<typeof inputSchema>;

const outputSchema = z.object({
  users: z.array(
    z.object({
      id: z.string(),
      name: z.string().describe('The short name, behind the @'),
      real_name: z.string().nullable(),
      display_name: z.string().nullable(),
      title: z.string().nullable(),
      email: z.string().nullable().describe('Null unless the token is for it (users:read.email)'),
      time_zone: z.string().nullable(),
      is_bot: z.boolean(),
      is_deactivated: z.boolean(),
    }),
  ),
  next_cursor: nextCursor,
});

/** A user as Slack tells of it, as far as it is used. */
interface Member {
  readonly id?: string;
  readonly name?: string;
  readonly real_name?: string;
  readonly tz?: string;
  readonly is_bot?: boolean;
  readonly deleted?: boolean;
  readonly profile?: {
    readonly real_name?: string;
    readonly display_name?: string;
    readonly title?: string;
    readonly email?: string;
  };
}

export function registerListUsers(server: McpServer, { slack }: Workspace): void {
  const title = 'List Slack users';
  server.registerTool(
    'list_users',
    {
      title,
      description: 'Lists the people of the Slack workspace, with their names, titles and time zones.',
      inputSchema,
      outputSchema,
      annotations: looksOnly(title),
    },
    (input, { mcpReq: { signal } }) =>
      answer(async () => {
        const api = await slack(signal);
        const { items, next } = await collect<Member>(
          async (cursor, size) => {
            const page = await api.ask((client) =>
              client.users.list({ limit: size, ...(cursor && { cursor }) }),
            );
            return { items: page.members ?? [], next: page.response_metadata?.next_cursor };
          },
          (member) => isWanted(member, input),
          input.limit,
          input.cursor,
        );
        return { users: items.map(asOutput), next_cursor: next } satisfies z.infer<typeof outputSchema>;
      }),
  );
}

function isWanted(member: Member, { name, include_bots, include_deactivated }: Input): boolean {
  if (!include_deactivated && member.deleted === true) return false;
  if (!include_bots && isBot(member)) return false;
  const part = name?.replace(/^@/, '').toLowerCase() ?? '';
  return [member.name, member.real_name, member.profile?.display_name].some(
    (each) => each?.toLowerCase().includes(part) === true,
  );
}

/** Slackbot says that it is none. */
function isBot({ id, is_bot }: Member): boolean {
  return is_bot === true || id === 'USLACKBOT';
}

function asOutput(member: Member): z.infer<typeof outputSchema>['users'][number] {
  const { profile } = member;
  return {
    id: member.id ?? '',
    name: member.name ?? '',
    real_name: member.real_name ?? profile?.real_name ?? null,
    display_name: profile?.display_name || null,
    title: profile?.title || null,
    email: profile?.email ?? null,
    time_zone: member.tz ?? null,
    is_bot: isBot(member),
    is_deactivated: member.deleted ?? false,
  };
}
