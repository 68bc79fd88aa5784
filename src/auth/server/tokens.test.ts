import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createClient, removeClient } from './clients.ts';
import { authorizeUrl, Browser, open, type Opened, pkce, post, register } from './testing.ts';
import { Users } from './users.ts';

const REDIRECT = 'http://127.0.0.1:7777/callback';

async function machine({ records, issuer }: Opened) {
  const { id, secret = '' } = createClient(records, {
    name: 'ci',
    grant: 'client_credentials',
    scope: 'mcp.access',
    redirectUris: [],
    isPublic: false,
  });
  const basic = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  const token = await post(
    `${issuer}/oauth2/token`,
    { grant_type: 'client_credentials' },
    { authorization: basic },
  );
  return { id, secret, basic, token };
}

async function person({ issuer }: Opened, browser = new Browser()) {
  const { body: client } = await register(issuer, {
    redirect_uris: [REDIRECT],
    token_endpoint_auth_method: 'none',
  });
  const clientId = String(client['client_id']);
  const { verifier, challenge } = pkce();
  const back = await browser.allow(authorizeUrl(issuer, { clientId, redirectUri: REDIRECT, challenge }));
  const code = back.searchParams.get('code') ?? '';
  const exchange = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT,
    client_id: clientId,
    code_verifier: verifier,
  };
  return { back, clientId, exchange, token: await post(`${issuer}/oauth2/token`, exchange) };
}

describe('client_credentials', () => {
  it('gives a JWT that says who, for what and how long', async () => {
    await using as = await open();
    const { id, token } = await machine(as);
    expect(token.status).toBe(200);
    expect(token.body).toMatchObject({ token_type: 'Bearer', expires_in: 1800, scope: 'mcp.access' });
    const jwt = String(token.body['access_token']);
    expect(decodeProtectedHeader(jwt)).toMatchObject({
      alg: 'ES256',
      typ: 'at+jwt',
      kid: expect.any(String),
    });
    const claims = decodeJwt(jwt);
    expect(claims).toMatchObject({
      iss: as.issuer,
      sub: id,
      client_id: id,
      aud: `${as.issuer}/mcp`,
      scope: 'mcp.access',
    });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(1800);
    expect(as.server.isRevoked(String(claims.jti))).toBe(false);
  });

  it('refuses a wrong secret, another grant, and a resource that is not ours', async () => {
    await using as = await open();
    const { id, basic } = await machine(as);
    const url = `${as.issuer}/oauth2/token`;
    const wrong = await post(url, { grant_type: 'client_credentials', client_id: id, client_secret: 'no' });
    expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    const other = await post(
      url,
      { grant_type: 'password', username: 'a', password: 'b' },
      { authorization: basic },
    );
    expect(other.body['error']).toBe('unsupported_grant_type');
    const away = { grant_type: 'client_credentials', resource: 'https://other.example/mcp' };
    expect((await post(url, away, { authorization: basic })).body['error']).toBe('invalid_target');
  });

  it('is revoked by the client, by its removal, and is then inactive', async () => {
    await using as = await open();
    const { id, basic, token } = await machine(as);
    const jwt = String(token.body['access_token']);
    const ask = () => post(`${as.issuer}/oauth2/introspect`, { token: jwt }, { authorization: basic });
    expect((await ask()).body).toMatchObject({ active: true, client_id: id, scope: 'mcp.access' });
    const revoked = await post(`${as.issuer}/oauth2/revoke`, { token: jwt }, { authorization: basic });
    expect(revoked.status).toBe(200);
    expect((await ask()).body).toEqual({ active: false });
    expect(as.server.isRevoked(String(decodeJwt(jwt).jti))).toBe(true);

    const second = await machine(as);
    removeClient(as.records, second.id);
    expect(as.server.isRevoked(String(decodeJwt(String(second.token.body['access_token'])).jti))).toBe(true);
  });
});

describe('a person', () => {
  it('threat 21: gets a token for the client, and the client a new one for each refresh token, once', async () => {
    await using as = await open();
    const { back, clientId, token } = await person(as);
    expect(back.searchParams.get('iss')).toBe(as.issuer);
    expect(back.searchParams.get('state')).toBe('state-1');
    expect(token.body).toMatchObject({
      expires_in: 3600,
      scope: 'mcp.access',
      refresh_token: expect.any(String),
    });
    const claims = decodeJwt(String(token.body['access_token']));
    expect(claims).toMatchObject({
      sub: 'alice',
      client_id: clientId,
      aud: `${as.issuer}/mcp`,
      roles: ['dev'],
    });

    const url = `${as.issuer}/oauth2/token`;
    const refresh = {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: String(token.body['refresh_token']),
    };
    const next = await post(url, refresh);
    expect(next.status).toBe(200);
    expect(next.body['refresh_token']).not.toBe(token.body['refresh_token']);

    // Somebody else uses the old one: nobody can say who the thief is, so all of it ends.
    expect((await post(url, refresh)).body['error']).toBe('invalid_grant');
    const again = { ...refresh, refresh_token: String(next.body['refresh_token']) };
    expect((await post(url, again)).body['error']).toBe('invalid_grant');
    for (const { body } of [token, next])
      expect(as.server.isRevoked(String(decodeJwt(String(body['access_token'])).jti))).toBe(true);
  });

  it('threat 21: of two refreshes at once, gives one a token, and ends the family', async () => {
    await using as = await open();
    const { clientId, token } = await person(as);
    const refresh = {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: String(token.body['refresh_token']),
    };
    const both = await Promise.all([1, 2].map(() => post(`${as.issuer}/oauth2/token`, refresh)));
    expect(both.map(({ status }) => status).filter((status) => status === 200).length).toBeLessThanOrEqual(1);
    expect(as.server.isRevoked(String(decodeJwt(String(token.body['access_token'])).jti))).toBe(true);
  });

  it('threat 21: with a grace, of two refreshes at once both succeed; after it, the family ends', async () => {
    await using as = await open({ config: { refreshGrace: 60_000 } });
    const { clientId, token } = await person(as);
    const refresh = {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: String(token.body['refresh_token']),
    };
    const both = await Promise.all([1, 2].map(() => post(`${as.issuer}/oauth2/token`, refresh)));
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect((await post(`${as.issuer}/oauth2/token`, refresh)).body['error']).toBe('invalid_grant');
    const [first] = both;
    const next = { ...refresh, refresh_token: String(first?.body['refresh_token']) };
    expect((await post(`${as.issuer}/oauth2/token`, next)).body['error']).toBe('invalid_grant');
  });

  it('threat 17: loses everything that came of a code when the code is used again', async () => {
    await using as = await open();
    const { exchange, token } = await person(as);
    expect(token.status).toBe(200);
    expect((await post(`${as.issuer}/oauth2/token`, exchange)).body['error']).toBe('invalid_grant');
    expect(as.server.isRevoked(String(decodeJwt(String(token.body['access_token'])).jti))).toBe(true);
    const { body } = await post(`${as.issuer}/oauth2/token`, {
      grant_type: 'refresh_token',
      client_id: exchange.client_id,
      refresh_token: String(token.body['refresh_token']),
    });
    expect(body['error']).toBe('invalid_grant');
  });

  it.each(['disabled', 'password'])('is out at once when the account is changed: %s', async (change) => {
    await using as = await open();
    const { clientId, token } = await person(as);
    const users = new Users(as.records);
    if (change === 'disabled') users.setDisabled('alice', true);
    else await users.setPassword('alice', 'another long password');
    expect(as.server.isRevoked(String(decodeJwt(String(token.body['access_token'])).jti))).toBe(true);
    const refresh = {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: String(token.body['refresh_token']),
    };
    expect((await post(`${as.issuer}/oauth2/token`, refresh)).body['error']).toBe('invalid_grant');
  });

  it('threat 17: needs a code challenge with S256', async () => {
    await using as = await open();
    const { body } = await register(as.issuer, { redirect_uris: [REDIRECT] });
    const clientId = String(body['client_id']);
    const { challenge } = pkce();
    const url = authorizeUrl(as.issuer, { clientId, redirectUri: REDIRECT, challenge });
    for (const wrong of [url.replace('S256', 'plain'), url.replace(/&code_challenge=[^&]+/, '')]) {
      const { url: at } = await new Browser().follow(wrong);
      expect(new URL(at).searchParams.get('error')).toBe('invalid_request');
    }
  });
});

it('tokens, sessions and keys outlive a restart', async () => {
  await using first = await open();
  const browser = new Browser();
  const { clientId, token } = await person(first, browser);
  // The same address, as after a restart; the connections of the first one are gone.
  const port = Number(new URL(first.issuer).port);
  const jwks = await first.server.jwks();
  await first[Symbol.asyncDispose]();
  await using second = await open({ records: first.records, port });
  expect(await second.server.jwks()).toEqual(jwks);
  expect(second.server.isRevoked(String(decodeJwt(String(token.body['access_token'])).jti))).toBe(false);
  const refresh = {
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: String(token.body['refresh_token']),
  };
  expect((await post(`${second.issuer}/oauth2/token`, refresh)).status).toBe(200);
});
