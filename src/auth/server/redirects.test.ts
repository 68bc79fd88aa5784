import { describe, expect, it } from 'vitest';
import { authorizeUrl, Browser, open, pkce, post, register } from './testing.ts';

const CLAUDE = ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'];

/** What the clients of autumn 2026 register, word for word as far as it matters, and where they are then called back. */
const VENDORS: readonly (readonly [
  string,
  Readonly<Record<string, unknown>>,
  string,
  Readonly<Record<string, string>>,
])[] = [
  [
    'claude.ai',
    {
      client_name: 'Claude',
      redirect_uris: CLAUDE,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      scope: 'claudeai',
    },
    'https://claude.ai/api/mcp/auth_callback',
    { scope: 'claudeai' },
  ],
  [
    'Claude Code',
    {
      client_name: 'Claude Code (sallyport)',
      redirect_uris: ['http://localhost:54545/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    'http://localhost:61234/callback',
    {},
  ],
  [
    'Cursor',
    {
      client_name: 'Cursor',
      redirect_uris: [
        'cursor://anysphere.cursor-mcp/oauth/callback',
        'https://www.cursor.com/agents/mcp/oauth/callback',
        'http://localhost:8787/callback',
      ],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    'cursor://anysphere.cursor-mcp/oauth/callback',
    { scope: 'mcp.access offline_access' },
  ],
  [
    'VS Code',
    {
      client_name: 'Visual Studio Code',
      client_uri: 'https://code.visualstudio.com',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code'],
      redirect_uris: [
        'https://insiders.vscode.dev/redirect',
        'https://vscode.dev/redirect',
        'http://127.0.0.1/',
        'http://127.0.0.1:33418/',
      ],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    'http://127.0.0.1:40123/',
    {},
  ],
  [
    'ChatGPT',
    {
      client_name: 'ChatGPT',
      redirect_uris: ['https://chatgpt.com/connector/oauth/AbC123'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
      token_endpoint_auth_method: 'none',
    },
    'https://chatgpt.com/connector/oauth/AbC123',
    {},
  ],
];

/** Those that are known by their documents, with no network to fetch them from. */
const DOCUMENTS: readonly (readonly [string, string])[] = [
  ['https://claude.ai/oauth/mcp-oauth-client-metadata', 'https://claude.ai/api/mcp/auth_callback'],
  ['https://claude.ai/oauth/claude-code-client-metadata', 'http://localhost:50001/callback'],
  ['https://vscode.dev/oauth/client-metadata.json', 'http://127.0.0.1:50002/'],
  ['https://chatgpt.com/oauth/client.json', 'https://chatgpt.com/connector_platform_oauth_redirect'],
];

async function through(
  issuer: string,
  clientId: string,
  redirectUri: string,
  more: Readonly<Record<string, string>>,
) {
  const { verifier, challenge } = pkce();
  const url = authorizeUrl(issuer, {
    clientId,
    redirectUri,
    challenge,
    more: { resource: `${issuer}/mcp/`, ...more },
  });
  const back = await new Browser().allow(url);
  expect(back.href.startsWith(redirectUri)).toBe(true);
  expect(back.searchParams.get('iss')).toBe(issuer);
  return post(`${issuer}/oauth2/token`, {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    client_id: clientId,
    code_verifier: verifier,
    resource: `${issuer}/mcp`,
  });
}

describe('the registration of', () => {
  it.each(VENDORS)('%s succeeds, and leads to a token', async (_name, metadata, redirectUri, more) => {
    await using as = await open();
    const { status, body } = await register(as.issuer, metadata);
    expect(status).toBe(201);
    const token = await through(as.issuer, String(body['client_id']), redirectUri, more);
    expect(token.body).toMatchObject({ token_type: 'Bearer', refresh_token: expect.any(String) });
  });

  it.each(DOCUMENTS)('%s is its document, also where it cannot be fetched', async (id, redirectUri) => {
    await using as = await open();
    const token = await through(as.issuer, id, redirectUri, {});
    expect(token.body).toMatchObject({ token_type: 'Bearer', refresh_token: expect.any(String) });
  });

  it.each([
    'http://evil.example/cb',
    'http://localhost.evil.example/cb',
    'http://127.0.0.1@evil.example/cb',
    'javascript:alert(1)',
    'data:text/html,hello',
    'file:///etc/passwd',
    'https://user:pass@good.example/cb',
    'https://good.example/cb#fragment',
    'https://*.example/cb',
    'https://good.example/cb\nx',
    '/relative',
  ])('a client with the redirect %j fails', async (uri) => {
    await using as = await open();
    const { status, body } = await register(as.issuer, { redirect_uris: [uri] });
    expect({ status, error: body['error'] }).toEqual({ status: 400, error: 'invalid_redirect_uri' });
  });
});

it('threat 17: of twenty changes to a redirect, none is followed', async () => {
  await using as = await open();
  const { body } = await register(as.issuer, {
    redirect_uris: [...CLAUDE, 'http://127.0.0.1:7777/callback'],
  });
  const clientId = String(body['client_id']);
  const mutations = [
    'https://claude.ai/api/mcp/auth_callback/',
    'https://claude.ai/api/mcp/auth_callback?x=1',
    'https://claude.ai/api/mcp/auth_callback#x',
    'https://claude.ai/api/mcp/auth_callback/../evil',
    'https://claude.ai/api/mcp/auth_callback%2f',
    'https://claude.ai/api/mcp/AUTH_CALLBACK',
    'https://claude.ai:8443/api/mcp/auth_callback',
    'http://claude.ai/api/mcp/auth_callback',
    'https://claude.ai.evil.example/api/mcp/auth_callback',
    'https://evil.example/https://claude.ai/api/mcp/auth_callback',
    'https://claude.ai@evil.example/api/mcp/auth_callback',
    'https://claude.ai\\@evil.example/api/mcp/auth_callback',
    'https://www.claude.ai/api/mcp/auth_callback',
    'https://claude.ai/api/mcp/auth_callback%00',
    ' https://claude.ai/api/mcp/auth_callback',
    '//claude.ai/api/mcp/auth_callback',
    'javascript:alert(1)',
    'http://127.0.0.1:7777/callback/../other',
    'http://127.0.0.1:7777/other',
    'http://127.0.0.2:7777/callback',
    'http://localhost:7777/callback',
    'http://127.0.0.1.evil.example:7777/callback',
    '',
  ];
  const followed: string[] = [];
  for (const redirectUri of mutations) {
    const url = authorizeUrl(as.issuer, { clientId, redirectUri, challenge: pkce().challenge });
    // One after the other: they are one address.
    const answer = await new Browser().go(url);
    if (answer.status !== 400 || answer.headers.has('location')) followed.push(redirectUri);
  }
  expect(mutations.length).toBeGreaterThanOrEqual(20);
  expect(followed).toEqual([]);
});
