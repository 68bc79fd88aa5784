import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { authorizeUrl, Browser, csrfOf, open, type Opened, pkce, post, register } from './testing.ts';
import { Users } from './users.ts';

const REDIRECT = 'http://127.0.0.1:7777/callback';
const CLIENT = { clientId: 'sallyport', clientSecret: 'a secret' };
const { privateKey, publicKey } = await generateKeyPair('RS256');
const KEY = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' };

/** What the other provider says of somebody, or does wrong. */
interface Provider {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly issuer?: string;
  readonly answer?: Readonly<Record<string, string>>;
}

/** Another OpenID provider, in which somebody is logged in already. */
async function startProvider({ claims = {}, issuer: named, answer = {} }: Provider): Promise<string> {
  const asked = new Map<string, URLSearchParams>();
  const web = createServer((req, res) => {
    const url = new URL(req.url ?? '', issuer);
    const send = (value: object): void =>
      void res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (url.pathname === '/authorize') {
      const code = `code-${asked.size}`;
      asked.set(code, url.searchParams);
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      const state = url.searchParams.get('state') ?? '';
      back.search = new URLSearchParams({ code, state, ...answer }).toString();
      return void res.writeHead(303, { location: back.href }).end();
    }
    if (url.pathname === '/keys') return send({ keys: [KEY] });
    if (url.pathname !== '/token')
      return send({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
      });
    return void text(req).then(async (body) => {
      const begun = asked.get(new URLSearchParams(body).get('code') ?? '');
      const idToken = await new SignJWT({ nonce: begun?.get('nonce'), ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setIssuer(named ?? issuer)
        .setAudience(typeof claims['aud'] === 'string' ? claims['aud'] : CLIENT.clientId)
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey);
      send({ access_token: 'x', token_type: 'Bearer', id_token: idToken });
    });
  });
  await new Promise<void>((resolve) => {
    web.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    web.closeAllConnections();
    web.close();
  });
  // A server that listens on a port has an address.
  const issuer = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  return issuer;
}

async function openWith(provider: Provider, domains?: string[]): Promise<Opened> {
  const issuer = await startProvider(provider);
  return open({ config: { login: { issuer, ...CLIENT, domains, allowPrivate: false } } });
}

/** Where a login that goes through the other provider ends. */
async function logIn(as: Opened, browser = new Browser()) {
  const { body } = await register(as.issuer, {
    redirect_uris: [REDIRECT],
    token_endpoint_auth_method: 'none',
  });
  const clientId = String(body['client_id']);
  const { verifier, challenge } = pkce();
  const start = await browser.follow(authorizeUrl(as.issuer, { clientId, redirectUri: REDIRECT, challenge }));
  const page = await start.answer.text();
  const away = await browser.go(start.url, { csrf: csrfOf(page), do: 'upstream' });
  // The other provider sends the browser back at once.
  const back = await fetch(away.headers.get('location') ?? '', { redirect: 'manual' });
  const returned = await browser.follow(back.headers.get('location') ?? '');
  return { page, clientId, verifier, start, returned, callback: back.headers.get('location') ?? '' };
}

const SOMEBODY = { sub: 'U-42|Mixed Case', email: 'Kim@Example.com', email_verified: true };

describe('a login through another provider', () => {
  it('ends with a token, and no password is asked for', async () => {
    await using as = await openWith({ claims: SOMEBODY }, ['example.com']);
    const browser = new Browser();
    const { page, clientId, verifier, returned } = await logIn(as, browser);
    expect(page).not.toContain('type="password"');
    const consent = await returned.answer.text();
    expect(returned.answer.status).toBe(200);
    const { url } = await browser.follow(returned.url, { csrf: csrfOf(consent), do: 'allow' });
    const token = await post(`${as.issuer}/oauth2/token`, {
      grant_type: 'authorization_code',
      code: new URL(url).searchParams.get('code') ?? '',
      redirect_uri: REDIRECT,
      client_id: clientId,
      code_verifier: verifier,
    });
    expect(token.status).toBe(200);
    const claims = decodeJwt(String(token.body['access_token']));
    expect(claims).toMatchObject({ email: 'kim@example.com' });
    expect(claims.sub).toMatch(/^127\.0\.0\.1:\d+:~[\da-f]{40}$/);
    expect(new Users(as.records).get(String(claims.sub))).toMatchObject({ isDisabled: false });
  });

  it.each<[string, Provider, string]>([
    ['of no allowed domain', { claims: { ...SOMEBODY, email: 'kim@other.example' } }, 'no allowed domain'],
    [
      'whose address nobody verified',
      { claims: { ...SOMEBODY, email_verified: false } },
      'no allowed domain',
    ],
    ['with the ID token of another login', { claims: { ...SOMEBODY, nonce: 'other' } }, 'another login'],
    ['with an ID token for somebody else', { claims: { ...SOMEBODY, aud: 'other' } }, 'cannot be understood'],
    ['with an ID token for another party', { claims: { ...SOMEBODY, azp: 'other' } }, 'another client'],
    [
      'with an ID token of another issuer',
      { claims: SOMEBODY, issuer: 'http://evil.example' },
      'cannot be understood',
    ],
    [
      'with the answer of another issuer',
      { claims: SOMEBODY, answer: { iss: 'http://evil.example' } },
      'another issuer',
    ],
    [
      'without a subject',
      { claims: { email: 'kim@example.com', email_verified: true } },
      'cannot be understood',
    ],
  ])('lets nobody in %s', async (_who, provider, why) => {
    await using as = await openWith(provider, ['example.com']);
    const { returned } = await logIn(as);
    expect(returned.answer.status).toBe(403);
    expect(await returned.answer.text()).toContain(why);
    expect(as.records.list('User').filter(({ key }) => key.includes(':'))).toEqual([]);
  });

  it('lets in nobody who was disabled here, and takes an answer once', async () => {
    await using as = await openWith({ claims: SOMEBODY });
    const browser = new Browser();
    const first = await logIn(as, browser);
    expect(first.returned.answer.status).toBe(200);
    expect((await browser.follow(first.callback)).answer.status).toBe(400);
    const [user] = as.records.list('User').filter(({ key }) => key.includes(':'));
    new Users(as.records).setDisabled(user?.key ?? '', true);
    expect((await logIn(as)).returned.answer.status).toBe(403);
  });

  it('threat 18: does not take, in one browser, the answer of a login that another began', async () => {
    await using as = await openWith({ claims: SOMEBODY });
    const thief = new Browser();
    const theirs = await logIn(as, thief);
    expect(theirs.returned.answer.status).toBe(200);
    const victim = new Browser();
    expect((await victim.follow(theirs.callback)).answer.status).toBe(400);
    // Within a login of the victim's own, neither.
    const { body } = await register(as.issuer, { redirect_uris: [REDIRECT] });
    const url = authorizeUrl(as.issuer, {
      clientId: String(body['client_id']),
      redirectUri: REDIRECT,
      challenge: pkce().challenge,
    });
    const begun = await victim.follow(url);
    const other = new Browser();
    const again = await other.follow(url);
    const away = await other.go(again.url, { csrf: csrfOf(await again.answer.text()), do: 'upstream' });
    const stolen = await fetch(away.headers.get('location') ?? '', { redirect: 'manual' });
    const { search } = new URL(stolen.headers.get('location') ?? '');
    expect((await victim.go(`${begun.url}${search}`)).status).toBe(403);
  });
});
