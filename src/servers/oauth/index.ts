import { McpServer, type McpServerFactory } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { reading } from '../../config/fields.ts';
import { parsePublicUrl } from '../../config/web-names.ts';
import type { Surroundings } from '../builtin.ts';
import { registerCreateOauth2TestToken } from './create-oauth2-test-token.ts';
import { registerGetOauth2FlowGuide } from './get-oauth2-flow-guide.ts';
import { registerGetOauth2ServerStatus } from './get-oauth2-server-status.ts';
import { placeOf } from './place.ts';
import { registerValidateOauth2Setup } from './validate-oauth2-setup.ts';

export const options = z.strictObject({
  gateway: z
    .string()
    .transform(reading(parsePublicUrl))
    .optional()
    .describe('The address of another gateway than the one that this is part of'),
  testTokens: z.boolean().default(false).describe('create_oauth2_test_token may issue tokens for GET /hello'),
});

const INSTRUCTIONS =
  'Looks at how clients get tokens for this gateway. Begin with validate_oauth2_setup when a login does not work.';

/** The `oauth` server: the way of a client to its token, walked, explained and tried. */
export function create(
  { gateway, testTokens }: z.infer<typeof options>,
  around?: Surroundings,
): McpServerFactory {
  // Looked up at each call: a reload may bring another configuration.
  const place = () => placeOf(gateway, around);
  return () => {
    const server = new McpServer(
      { name: 'oauth', title: 'OAuth', version: '1.0.0' },
      { instructions: INSTRUCTIONS },
    );
    registerGetOauth2ServerStatus(server, place);
    registerCreateOauth2TestToken(server, place, testTokens);
    registerGetOauth2FlowGuide(server, place);
    registerValidateOauth2Setup(server, place);
    return server;
  };
}
