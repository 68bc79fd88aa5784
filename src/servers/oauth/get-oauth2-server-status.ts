import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { JsonObject } from '../../core/json.ts';
import { keysOf } from './check-keys.ts';
import { type Found, fetchDocument, resourceMetadata, serverMetadata, textAt, textsAt } from './discovery.ts';
import type { Place } from './place.ts';
import { answer, looksOnly } from './tool.ts';

const count = z.int().nonnegative();

const serverOutput = z.object({
  issuer: z.string(),
  own: z.boolean().describe('It runs in this gateway'),
  reachable: z.boolean(),
  problem: z.string().nullable(),
  authorization_endpoint: z.string().nullable(),
  token_endpoint: z.string().nullable(),
  registration_endpoint: z.string().nullable(),
  scopes: z.array(z.string()),
  grants: z.array(z.string()),
  client_id_metadata_documents: z.boolean(),
  keys: z.array(z.object({ kid: z.string(), alg: z.string() })).describe('The public ones, the first signs'),
});

const outputSchema = z.object({
  endpoint: z.string(),
  protected: z.boolean().describe('Clients are sent to an authorization server'),
  servers: z.array(serverOutput),
  own: z
    .object({
      login: z
        .enum(['password', 'upstream'])
        .describe('upstream: another OpenID provider says who somebody is'),
      registration: z.boolean().describe('Clients may register themselves'),
      access_token_seconds: count,
      refresh_token_seconds: count,
      users: count,
      disabled_users: count,
      clients: count,
      registered_clients: count,
      grants: count,
      access_tokens: count,
    })
    .nullable()
    .describe('Of the authorization server in this gateway; null where there is none'),
});

type Output = z.infer<typeof outputSchema>;

export function registerGetOauth2ServerStatus(server: McpServer, place: () => Place): void {
  const title = 'Status of the authorization server';
  server.registerTool(
    'get_oauth2_server_status',
    {
      title,
      description:
        'Who issues tokens for this gateway, asked now over the network: endpoints, scopes, grants and keys; and how many ' +
        'users, clients and tokens its own authorization server has.',
      inputSchema: z.strictObject({}),
      outputSchema,
      annotations: looksOnly(title),
    },
    () => answer(() => status(place())),
  );
}

async function status(place: Place): Promise<Output> {
  const { http, base } = place;
  const resource = await resourceMetadata(http, base);
  const named = 'document' in resource ? textsAt(resource.document, 'authorization_servers') : [];
  const issuers = named.filter((issuer) => URL.canParse(issuer));
  return {
    endpoint: `${base}/mcp`,
    protected: issuers.length > 0,
    servers: await Promise.all(issuers.map((issuer) => describe(place, issuer))),
    own: ownOf(place),
  };
}

async function describe({ http, own }: Place, issuer: string): Promise<Output['servers'][number]> {
  const found = await serverMetadata(http, issuer);
  const document: JsonObject = 'document' in found ? found.document : {};
  const jwksUri = textAt(document, 'jwks_uri');
  const keys: Found | undefined =
    jwksUri !== undefined && URL.canParse(jwksUri) ? await fetchDocument(http, jwksUri) : undefined;
  const problem = 'problem' in found ? found.problem : keys && 'problem' in keys ? keys.problem : null;
  return {
    issuer,
    own: own?.issuer === issuer,
    reachable: 'document' in found,
    problem,
    authorization_endpoint: textAt(document, 'authorization_endpoint') ?? null,
    token_endpoint: textAt(document, 'token_endpoint') ?? null,
    registration_endpoint: textAt(document, 'registration_endpoint') ?? null,
    scopes: textsAt(document, 'scopes_supported'),
    grants: textsAt(document, 'grant_types_supported'),
    client_id_metadata_documents: document['client_id_metadata_document_supported'] === true,
    keys: keys ? keysOf(keys).map(({ kid, alg, kty }) => ({ kid: kid ?? '', alg: alg ?? kty ?? '' })) : [],
  };
}

function ownOf({ own, auth }: Place): Output['own'] {
  const config = auth?.server;
  if (!own || !config) return null;
  const counts = own.counts();
  return {
    login: config.login ? 'upstream' : 'password',
    registration: config.registration,
    access_token_seconds: Math.round(config.accessTokens / 1000),
    refresh_token_seconds: Math.round(config.refreshTokens / 1000),
    users: counts.users,
    disabled_users: counts.disabledUsers,
    clients: counts.clients,
    registered_clients: counts.registeredClients,
    grants: counts.grants,
    access_tokens: counts.accessTokens,
  };
}
