import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { resourceMetadata, serverMetadata, textAt, textsAt } from './discovery.ts';
import { type Addresses, type Flow, FLOWS, stepsOf } from './flows.ts';
import type { Place } from './place.ts';
import { answer, looksOnly, ToolFailure } from './tool.ts';

const outputSchema = z.object({
  flow: z.enum(FLOWS),
  for: z.string().describe('When this is the right one'),
  offered: z.boolean().describe('The authorization server says that it has this flow'),
  steps: z.array(
    z.object({
      title: z.string(),
      explanation: z.string(),
      command: z.string().nullable().describe('For a shell, with the addresses of this gateway'),
    }),
  ),
});

type Output = z.infer<typeof outputSchema>;

export function registerGetOauth2FlowGuide(server: McpServer, place: () => Place): void {
  const title = 'Guide to an OAuth flow';
  server.registerTool(
    'get_oauth2_flow_guide',
    {
      title,
      description:
        'How to get a token for this gateway, step by step, with its real addresses: authorization_code for people, ' +
        'client_credentials for machines, refresh_token to go on without a person.',
      inputSchema: z.strictObject({ flow: z.enum(FLOWS).default('authorization_code') }),
      outputSchema,
      annotations: looksOnly(title),
    },
    ({ flow }) => answer(() => guide(place(), flow), toText),
  );
}

const PURPOSES: Readonly<Record<Flow, string>> = {
  authorization_code: 'a program that acts for a person, who logs in with a browser',
  client_credentials: 'a machine that acts for itself; not for claude.ai, where a person has to agree',
  refresh_token: 'a program whose person has agreed before',
};

async function guide({ http, base, own }: Place, flow: Flow): Promise<Output> {
  const resource = await resourceMetadata(http, base);
  const [issuer] = 'document' in resource ? textsAt(resource.document, 'authorization_servers') : [];
  if (issuer === undefined || !URL.canParse(issuer))
    throw new ToolFailure(
      'Nobody issues tokens for this gateway: validate_oauth2_setup says what is missing. Tokens of its own are made with ' +
        'sallyport token create.',
    );
  const found = await serverMetadata(http, issuer);
  if ('problem' in found)
    throw new ToolFailure(`The authorization server cannot be asked: ${found.url}: ${found.problem}`);
  const { document } = found;
  const addresses: Addresses = {
    endpoint: `${base}/mcp`,
    metadata: resource.url,
    discovery: found.url,
    authorize: textAt(document, 'authorization_endpoint') ?? '',
    token: textAt(document, 'token_endpoint') ?? '',
    register: textAt(document, 'registration_endpoint'),
    scope: ('document' in resource ? textsAt(resource.document, 'scopes_supported') : []).join(' '),
    isOwn: own?.issuer === issuer,
  };
  const grants = textsAt(document, 'grant_types_supported');
  return { flow, for: PURPOSES[flow], offered: grants.includes(flow), steps: stepsOf(flow, addresses) };
}

function toText({ flow, for: purpose, offered, steps }: Output): string {
  const lines = steps.map(({ title, explanation, command }, i) =>
    [`${i + 1}. ${title}`, explanation, ...(command === null ? [] : [command])].join('\n'),
  );
  const doubt = offered ? '' : ' The authorization server does not say that it has this flow.';
  return [`${flow}: for ${purpose}.${doubt}`, ...lines].join('\n\n');
}
