import { McpServer, type McpServerFactory } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { apiUrl } from '../api-fetch.ts';
import { BuiltinOptionsError } from '../builtin.ts';
import { slackApi } from './api.ts';
import { Directory } from './directory.ts';
import { registerListChannels } from './list-channels.ts';
import { registerListUsers } from './list-users.ts';
import { registerReadChannel } from './read-channel.ts';
import { registerSearchMessages } from './search-messages.ts';
import { registerSendMessage } from './send-message.ts';

export const options = z.strictObject({
  token: z
    .string()
    .regex(/^xox[a-z.-]+-\S+$/, 'This is no token of Slack: they begin with xoxb- or xoxp-.')
    .optional()
    .describe(
      'The token of the Slack app, best as ${secret:slack}. Default: SLACK_TOKEN of the environment. Bot tokens (xoxb-…) do ' +
        'everything but search_messages, which needs a user token (xoxp-…)',
    ),
  readOnly: z.boolean().default(false).describe('true takes send_message away'),
  slackApiUrl: apiUrl.default('https://slack.com/api/').describe('Where the Web API is'),
  timeoutMs: z
    .int()
    .min(100)
    .max(120_000)
    .default(25_000)
    .describe('How long a call may take, with the time that Slack asks to wait'),
});

/** The `slack` server: one workspace, as the app of the token sees it. */
export function create({
  token,
  readOnly,
  slackApiUrl,
  timeoutMs,
}: z.infer<typeof options>): McpServerFactory {
  const found = token ?? process.env['SLACK_TOKEN'];
  if (!found)
    throw new BuiltinOptionsError(
      'The built-in server "slack" needs the token of a Slack app: run `sallyport secret set slack`, and write ' +
        '`options: { token: "${secret:slack}" }`. Alone on stdio it takes SLACK_TOKEN of the environment.',
    );
  const slack = slackApi({ token: found, slackApiUrl, timeoutMs });
  // All connections share the token, so they share what it sees.
  const workspace = { slack, directory: new Directory() };
  const instructions = `One Slack workspace, as the app sees it: channels by name or id.${readOnly ? ' Nothing can be sent.' : ''}`;
  return () => {
    const server = new McpServer({ name: 'slack', title: 'Slack', version: '1.0.0' }, { instructions });
    registerListChannels(server, workspace);
    registerReadChannel(server, workspace);
    registerSearchMessages(server, workspace);
    registerListUsers(server, workspace);
    if (!readOnly) registerSendMessage(server, workspace);
    return server;
  };
}
