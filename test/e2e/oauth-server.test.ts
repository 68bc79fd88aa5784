import { describe, expect, it } from 'vitest';
import { authHome } from '../support/authorization.ts';
import { child, type Gateway } from '../support/gateway.ts';
import { type Answer, callTool, send } from '../support/http.ts';

const OAUTH = { builtin: 'oauth', options: { testTokens: true } };
const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

interface Step {
  readonly step: string;
  readonly status: string;
  readonly detail: string;
  readonly remedy: string | null;
}

function structured(answer: Answer): Record<string, unknown> {
  return (answer.last.result?.['structuredContent'] ?? {}) as Record<string, unknown>;
}

function steps(answer: Answer): Step[] {
  return structured(answer)['steps'] as Step[];
}

const hello = async (gateway: Gateway, token: string) =>
  send(gateway, { method: 'GET', path: '/hello', ...as(token) });

describe('the oauth server of a gateway with its own authorization server', () => {
  it('validates, counts and explains what is there', async () => {
    using home = await authHome();
    await using gateway = await home.gateway({
      mcpServers: { oauth: OAUTH },
      auth: { server: { scopes: ['oauth.test'] } },
    });
    const call = (name: string, input = {}) => callTool(gateway, name, input);

    const validated = await call('validate_oauth2_setup');
    expect(steps(validated).filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(steps(validated).map(({ step }) => step)).toEqual([
      'challenge',
      'resource_metadata',
      'discovery',
      'registration',
      'jwks',
      'token',
      'protected_call',
      'audience',
    ]);
    expect(structured(validated)).toMatchObject({ valid: true, issuer: gateway.origin });

    const { id } = await home.client('http://localhost:1/callback');
    expect(id).toMatch(/^client_/);
    const status = structured(await call('get_oauth2_server_status'));
    expect(status).toMatchObject({
      endpoint: gateway.endpoint,
      protected: true,
      servers: [
        {
          issuer: gateway.origin,
          own: true,
          reachable: true,
          problem: null,
          token_endpoint: `${gateway.origin}/oauth2/token`,
          scopes: ['mcp.access', 'oauth.test', 'offline_access'],
          client_id_metadata_documents: true,
          keys: [{ alg: 'ES256' }],
        },
      ],
      own: { login: 'password', registration: true, users: 1, clients: 1, access_token_seconds: 3600 },
    });

    const guide = structured(await call('get_oauth2_flow_guide', { flow: 'client_credentials' }));
    expect(guide).toMatchObject({ flow: 'client_credentials', offered: true });
    expect(JSON.stringify(guide['steps'])).toContain(`curl -s ${gateway.origin}/oauth2/token`);
  });

  it('threat 35: makes test tokens for whoever has the scope for it, and they open the example alone', async () => {
    using home = await authHome();
    await using gateway = await home.gateway({
      mcpServers: { oauth: OAUTH, one: child() },
      auth: { server: {} },
    });
    const owner = await callTool(gateway, 'oauth__create_oauth2_test_token');
    expect(owner.status).toBe(403);
    expect(owner.headers['www-authenticate']).toContain('scope="oauth.test"');
    const plain = (await home.run(['token', 'create', '--name', 'a', '--scope', 'mcp.access'])).trim();
    const refused = await callTool(gateway, 'oauth__create_oauth2_test_token', {}, as(plain));
    expect(refused.status).toBe(403);
    expect(refused.headers['www-authenticate']).toContain('scope="mcp.access oauth.test"');

    const tester = (await home.run(['token', 'create', '--name', 'b', '--scope', 'oauth.test'])).trim();
    const made = structured(
      await callTool(gateway, 'oauth__create_oauth2_test_token', { expires_in: 30 }, as(tester)),
    );
    expect(made).toMatchObject({ expires_in: 30, scope: 'oauth.test', audience: `${gateway.origin}/hello` });
    const token = String(made['access_token']);
    const said = await hello(gateway, token);
    expect([said.status, JSON.parse(said.text)]).toEqual([
      200,
      expect.objectContaining({ authenticated_client: 'client_sallyport-test', scope: 'oauth.test' }),
    ]);
    for (const path of ['/mcp', '/servers/one/mcp'])
      expect((await callTool(gateway, 'echo', { text: 'hi' }, { path, ...as(token) })).status).toBe(401);
  });

  it('makes none unless it is told to', async () => {
    using home = await authHome();
    await using gateway = await home.gateway({
      mcpServers: { o: { builtin: 'oauth' } },
      auth: { server: {} },
    });
    const tester = (await home.run(['token', 'create', '--name', 'b', '--scope', 'oauth.test'])).trim();
    const answer = await callTool(gateway, 'create_oauth2_test_token', {}, as(tester));
    expect(answer.last.result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('testTokens: true') }],
    });
  });
});

describe('the oauth server of a gateway that is not set up for it', () => {
  it('says what is missing, and what to do', async () => {
    using home = await authHome();
    await using gateway = await home.gateway({ mcpServers: { oauth: OAUTH } });
    const validated = await callTool(gateway, 'validate_oauth2_setup');
    expect(structured(validated)).toMatchObject({ valid: false, issuer: null });
    expect(steps(validated)).toMatchObject([
      { step: 'challenge', status: 'failed', detail: expect.stringContaining('does not name the metadata') },
      {
        step: 'resource_metadata',
        status: 'failed',
        remedy: expect.stringContaining('auth: {server: {}}'),
      },
    ]);
    expect(structured(await callTool(gateway, 'get_oauth2_server_status'))).toMatchObject({
      protected: false,
      servers: [],
      own: null,
    });
    const guide = await callTool(gateway, 'get_oauth2_flow_guide');
    expect(guide.last.result).toMatchObject({ isError: true });
  });
});
