import { describe, expect, it } from 'vitest';
import { open } from './testing.ts';

describe('discovery', () => {
  it('says the same at both places, and offers nothing that MCP forbids', async () => {
    await using as = await open();
    const [oauth, openid] = await Promise.all(
      ['oauth-authorization-server', 'openid-configuration'].map(async (name) => {
        const answer = await fetch(`${as.issuer}/.well-known/${name}`);
        expect(answer.status).toBe(200);
        return (await answer.json()) as Record<string, unknown>;
      }),
    );
    expect(openid).toEqual(oauth);
    expect(oauth).toMatchObject({
      issuer: as.issuer,
      authorization_endpoint: `${as.issuer}/oauth2/authorize`,
      token_endpoint: `${as.issuer}/oauth2/token`,
      registration_endpoint: `${as.issuer}/oauth2/register`,
      revocation_endpoint: `${as.issuer}/oauth2/revoke`,
      introspection_endpoint: `${as.issuer}/oauth2/introspect`,
      jwks_uri: `${as.issuer}/oauth2/jwks`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
    });
    expect(oauth?.['token_endpoint_auth_methods_supported']).toContain('none');
    expect(sorted(oauth?.['grant_types_supported'])).toEqual([
      'authorization_code',
      'client_credentials',
      'refresh_token',
    ]);
    // Clients ask for all that they see here.
    expect(sorted(oauth?.['scopes_supported'])).toEqual(['mcp.access', 'offline_access']);
    expect(JSON.stringify(oauth)).not.toContain('HS256');
  });

  it('knows an issuer with a path before and behind the well-known one, and by its published name only', async () => {
    const issuer = 'https://example.com/tools';
    await using as = await open({ issuer });
    for (const path of [
      '/.well-known/oauth-authorization-server/tools',
      '/.well-known/openid-configuration/tools',
      '/tools/.well-known/openid-configuration',
    ]) {
      const answer = await fetch(as.issuer + path, {
        headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' },
      });
      expect(await answer.json()).toMatchObject({ issuer, token_endpoint: `${issuer}/oauth2/token` });
    }
    const away = await fetch(`${as.issuer}/.well-known/oauth-authorization-server/other`);
    expect(away.status).toBe(404);
  });

  it('publishes the halves of its keys that everybody may know', async () => {
    await using as = await open();
    const { keys } = (await (await fetch(`${as.issuer}/oauth2/jwks`)).json()) as { keys: object[] };
    expect(keys).toHaveLength(1);
    expect(Object.keys(keys[0] ?? {}).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    expect(await as.server.jwks()).toEqual({ keys });
  });
});

function sorted(names: unknown): string[] {
  return (names as string[]).toSorted();
}
