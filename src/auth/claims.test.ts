import { describe, expect, it } from 'vitest';
import { authSection } from '../config/auth.ts';
import type { JsonObject } from '../core/json.ts';
import { type Identity, identityOf, notAllowed } from './claims.ts';

function read(claims: JsonObject, names: object = {}): Identity {
  const [issuer] = authSection.parse({
    issuers: [{ issuer: 'https://idp.example', audience: 'x', claims: names }],
  }).issuers;
  if (!issuer) throw new Error('no issuer');
  return identityOf(claims, issuer.claims);
}

describe('what a token says of its owner', () => {
  it('in the words of Keycloak', () => {
    const claims = {
      sub: '5f0c',
      preferred_username: 'alice',
      email: 'Alice@Example.com',
      email_verified: true,
      azp: 'claude.desktop',
      scope: 'openid mcp.access',
      realm_access: { roles: ['dev', 'offline_access'] },
      resource_access: { 'claude.desktop': { roles: ['tools'] }, account: { roles: ['manage-account'] } },
      groups: ['/team/a', 'dev'],
    };
    expect(read(claims)).toEqual({
      user: 'alice',
      email: 'alice@example.com',
      roles: ['dev', 'offline_access', 'tools', '/team/a'],
      clientId: 'claude.desktop',
      scopes: ['openid', 'mcp.access'],
    });
  });

  it('in the words of Entra and Okta', () => {
    expect(read({ sub: 's', appid: 'a1', scp: 'read write', roles: ['Admin'] })).toMatchObject({
      user: 's',
      roles: ['Admin'],
      clientId: 'a1',
      scopes: ['read', 'write'],
    });
    expect(read({ sub: 's', cid: 'c1', scp: ['read', 'write'] })).toMatchObject({
      clientId: 'c1',
      scopes: ['read', 'write'],
    });
  });

  it('in claims of its own, whose names may be addresses', () => {
    const claims = { sub: 's', 'https://example.com/roles': ['dev'], profile: { login: 'al' } };
    const names = { user: 'profile.login', roles: ['https://example.com/roles'] };
    expect(read(claims, names)).toMatchObject({ user: 'al', roles: ['dev'] });
  });

  it('roles of another client are not its own', () => {
    const claims = { sub: 's', azp: 'a', resource_access: { b: { roles: ['admin'] } } };
    expect(read(claims).roles).toEqual([]);
    expect(read({ sub: 's', resource_access: { undefined: { roles: ['admin'] } } }).roles).toEqual([]);
  });

  it('no email address that was not verified', () => {
    expect(read({ sub: 's', email: 'a@b.example', email_verified: false }).email).toBeUndefined();
  });

  it('nothing of the wrong type, and nothing that objects have by nature', () => {
    const claims = {
      sub: 's',
      email: 5,
      preferred_username: ['x'],
      roles: [1, null, 'ok'],
      groups: { a: 1 },
      scope: 7,
    };
    expect(read(claims)).toEqual({
      user: 's',
      email: undefined,
      roles: ['ok'],
      clientId: undefined,
      scopes: [],
    });
    expect(read({ sub: 's' }, { user: 'constructor.name', roles: ['__proto__', 'toString'] })).toMatchObject({
      user: 's',
      roles: [],
    });
  });
});

describe('who is taken', () => {
  const identity: Identity = {
    user: 'a',
    email: 'a@example.com',
    roles: ['dev'],
    clientId: 'claude',
    scopes: [],
  };

  it.each([
    [{}, true],
    [{ domains: ['example.com'] }, true],
    [{ domains: ['ample.com'] }, false],
    [{ roles: ['ops', 'dev'] }, true],
    [{ roles: ['ops'] }, false],
    [{ clients: ['claude'] }, true],
    [{ clients: ['cursor'] }, false],
    [{ domains: ['example.com'], roles: ['ops'] }, false],
    [{ roles: [] }, false],
  ])('%j: %s', (allow, isTaken) => {
    expect(notAllowed(identity, allow) === undefined).toBe(isTaken);
  });
});
