import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { checkAudience, checkCall, checkChallenge } from './check-calls.ts';
import { checkKeys, checkToken, keysOf } from './check-keys.ts';
import { checkResource, checkServer } from './check-metadata.ts';
import { fetchDocument, resourceMetadata, serverMetadata, textAt, textsAt } from './discovery.ts';
import type { Place } from './place.ts';
import { failed, skipped, type Step, stepOutput } from './step.ts';
import { answer, explain, looksOnly } from './tool.ts';

const TOKEN_SECONDS = 60;

const outputSchema = z.object({
  valid: z.boolean().describe('No step has failed'),
  endpoint: z.string(),
  issuer: z.string().nullable().describe('The authorization server that clients are sent to'),
  steps: z.array(stepOutput),
});

type Output = z.infer<typeof outputSchema>;

export function registerValidateOauth2Setup(server: McpServer, place: () => Place): void {
  const title = 'Validate the OAuth setup';
  server.registerTool(
    'validate_oauth2_setup',
    {
      title,
      description:
        'Walks the way of a client that has no token yet, over the network: the 401, both metadata documents, the keys, ' +
        'a token and calls with it. Says of each step what was found, and how to mend what is wrong.',
      inputSchema: z.strictObject({}),
      outputSchema,
      annotations: looksOnly(title),
    },
    () => answer(() => validate(place()), toText),
  );
}

async function validate(place: Place): Promise<Output> {
  const { http, base } = place;
  const challenge = await checkChallenge(http, base).catch((error: unknown) =>
    failed(
      'challenge',
      `POST ${base}/mcp: ${explain(error)}`,
      'The gateway does not reach itself by its published address. Check publicUrl, DNS and the proxy in front.',
    ),
  );
  const resource = await resourceMetadata(http, base);
  const described = checkResource(resource, base);
  const issuer = 'document' in resource ? textsAt(resource.document, 'authorization_servers')[0] : undefined;
  const rest = issuer === undefined ? [] : await walk(place, issuer);
  const steps = [challenge, described, ...rest];
  return {
    valid: steps.every(({ status }) => status !== 'failed'),
    endpoint: `${base}/mcp`,
    issuer: issuer ?? null,
    steps,
  };
}

/** From the metadata of an authorization server to a call with a token of it. */
async function walk(place: Place, issuer: string): Promise<Step[]> {
  const { http } = place;
  if (!URL.canParse(issuer))
    return [failed('discovery', `${issuer} is no address`, 'Write the issuer as a URL.')];
  const found = await serverMetadata(http, issuer);
  const steps = checkServer(found, issuer);
  const jwksUri = 'document' in found ? textAt(found.document, 'jwks_uri') : undefined;
  if (jwksUri === undefined || !URL.canParse(jwksUri))
    return [...steps, skipped('jwks', 'jwks_uri is not known')];
  const published = await fetchDocument(http, jwksUri);
  const keys = checkKeys(published);
  if (keys.status === 'failed')
    return [...steps, keys, skipped('token', 'there is no key to check one with')];
  return [...steps, keys, ...(await tryToken(place, issuer, { keys: keysOf(published) }))];
}

async function tryToken(
  { own, base, http }: Place,
  issuer: string,
  keys: Parameters<typeof checkToken>[1],
): Promise<Step[]> {
  if (own?.issuer !== issuer)
    return [
      skipped(
        'token',
        'tokens of another authorization server are issued there, and not to this tool',
        `Get one there and try it: curl -i -H "Authorization: Bearer $TOKEN" ${base}/mcp`,
      ),
    ];
  const { token, audience } = await own.testToken(TOKEN_SECONDS);
  const step = await checkToken(token, keys, { issuer, audience });
  if (step.status === 'failed')
    return [step, skipped('protected_call', 'there is no good token to call with')];
  try {
    return [step, await checkCall(http, audience, token), await checkAudience(http, base, token)];
  } catch (error) {
    const remedy = 'Check that the proxy in front passes this path on.';
    return [step, failed('protected_call', `GET ${audience}: ${explain(error)}`, remedy)];
  }
}

const MARKS = { ok: '✓', warning: '!', failed: '✗', skipped: '–' } as const;

function toText({ valid, endpoint, steps }: Output): string {
  const lines = steps.map(({ step, status, detail, remedy }) =>
    [`${MARKS[status]} ${step}: ${detail}`, ...(remedy === null ? [] : [`    ${remedy}`])].join('\n'),
  );
  return [`${endpoint}: ${valid ? 'clients can log in' : 'this does not work yet'}`, ...lines].join('\n');
}
