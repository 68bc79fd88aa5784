import { McpServer, type McpServerFactory } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { EgressError } from '../../egress/error.ts';
import { EgressPolicy, parseAllow } from '../../egress/policy.ts';
import { registerCheckCommonPorts } from './check-common-ports.ts';
import { registerFetchPage } from './fetch-page.ts';
import { registerPingHost } from './ping-host.ts';

const allowEntry = z.string().superRefine((entry, context) => {
  try {
    parseAllow(entry);
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

export const options = z.strictObject({
  allow: z
    .array(allowEntry)
    .default([])
    .describe('CIDRs, IP addresses and host names that are open besides the public Internet'),
});

const INSTRUCTIONS =
  'Looks at the network from where this server runs. Only public addresses are reachable, unless its configuration ' +
  'opens more; a refusal says what would have to be opened.';

/** The `net` server: `ping_host`, `check_common_ports` and `fetch_page`, all behind one egress policy. */
export function create({ allow }: z.infer<typeof options>): McpServerFactory {
  const policy = new EgressPolicy({ allow });
  return () => {
    const server = new McpServer(
      { name: 'net', title: 'Network', version: '1.0.0' },
      { instructions: INSTRUCTIONS },
    );
    registerPingHost(server, policy);
    registerCheckCommonPorts(server, policy);
    registerFetchPage(server, policy);
    return server;
  };
}
