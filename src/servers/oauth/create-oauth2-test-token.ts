import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { TEST_TOKEN_SECONDS } from '../../core/own-authorization.ts';
import type { Place } from './place.ts';
import { answer, ToolFailure } from './tool.ts';

const inputSchema = z.strictObject({
  expires_in: z
    .int()
    .min(10)
    .max(TEST_TOKEN_SECONDS)
    .default(60)
    .describe(`Seconds that it lives, at most ${TEST_TOKEN_SECONDS}`),
});

const outputSchema = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int(),
  scope: z.string(),
  audience: z.string().describe('The one address that it opens'),
  try_it: z.string().describe('A command that uses it'),
});

export function registerCreateOauth2TestToken(
  server: McpServer,
  place: () => Place,
  isEnabled: boolean,
): void {
  const title = 'Create a test token';
  server.registerTool(
    'create_oauth2_test_token',
    {
      title,
      description:
        'Issues a signed access token that opens the example at GET /hello for a moment, and no tool. Off unless the ' +
        'option testTokens of this server is true; the caller needs the scope oauth.test.',
      inputSchema,
      outputSchema,
      annotations: {
        title,
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: false,
        openWorldHint: false,
      },
    },
    ({ expires_in }) =>
      answer(async () => {
        if (!isEnabled)
          throw new ToolFailure(
            'Test tokens are off. The option testTokens: true of this server switches them on.',
          );
        const { own } = place();
        if (!own)
          throw new ToolFailure(
            'There is no authorization server in this gateway that could issue one: auth: {server: {}} adds it.',
          );
        const { token, scope, audience } = await own.testToken(expires_in);
        return {
          access_token: token,
          token_type: 'Bearer' as const,
          expires_in,
          scope,
          audience,
          try_it: `curl -i -H 'Authorization: Bearer ${token}' ${audience}`,
        };
      }),
  );
}
