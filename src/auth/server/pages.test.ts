import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MemoryRecords } from '../../store/memory.ts';
import { RecordsAdapter } from './adapter.ts';
import { authorizeUrl, Browser, csrfOf, open, type Opened, PERSON, pkce, register } from './testing.ts';

const REDIRECT = 'http://127.0.0.1:7777/callback';

/** The address that a client of this name sends its user to. */
async function asked(as: Opened, name = 'Test', redirect = REDIRECT): Promise<string> {
  const { body } = await register(as.issuer, { client_name: name, redirect_uris: [redirect] });
  const clientId = String(body['client_id']);
  return authorizeUrl(as.issuer, { clientId, redirectUri: redirect, challenge: pkce().challenge });
}

/** A browser whose person has logged in, before the page that asks for their consent. */
async function beforeConsent(as: Opened, url?: string) {
  const browser = new Browser();
  const login = await browser.follow(url ?? (await asked(as)));
  const csrf = csrfOf(await login.answer.text());
  const consent = await browser.follow(login.url, { csrf, do: 'login', ...PERSON });
  return { browser, url: consent.url, page: await consent.answer.text(), answer: consent.answer };
}

describe('threat 18: consent', () => {
  it('is given in the browser that was asked, with the form that it was sent', async () => {
    await using as = await open();
    const { browser, url, page } = await beforeConsent(as);
    const csrf = csrfOf(page);
    // Somebody else's browser knows neither the page nor its form, even with the very address and proof.
    expect((await new Browser().go(url, { csrf, do: 'allow' })).status).toBe(400);
    expect((await new Browser().go(url)).status).toBe(400);
    const other = await beforeConsent(as);
    expect((await other.browser.go(url, { csrf, do: 'allow' })).status).toBe(400);
    for (const forged of ['', 'x', csrfOf(other.page)])
      // One after the other: it is one browser.
      expect((await browser.go(url, { csrf: forged, do: 'allow' })).status).toBe(403);
    const { url: back } = await browser.follow(url, { csrf, do: 'allow' });
    expect(new URL(back).searchParams.get('code')).toMatch(/\S/);
    // The page is used up.
    expect((await browser.go(url, { csrf, do: 'allow' })).status).toBe(400);
  });

  it('is asked for each client anew, whoever is logged in', async () => {
    await using as = await open();
    const { browser, url, page } = await beforeConsent(as);
    await browser.follow(url, { csrf: csrfOf(page), do: 'allow' });
    const next = await browser.follow(await asked(as, 'Another'));
    const text = await next.answer.text();
    expect(text).toContain('value="allow"');
    expect(text).toContain('Another');
  });

  it('is on pages that no other page can show, and with cookies that no other host can set', async () => {
    const issuer = 'https://auth.example.com';
    await using as = await open({ issuer });
    const url = (await asked(as)).replace(issuer, as.issuer);
    const { headers } = await fetch(url, { redirect: 'manual' });
    const cookies = headers.getSetCookie();
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^__Secure-sallyport/);
      expect(cookie).toMatch(/; secure/i);
      expect(cookie).toMatch(/; httponly/i);
      expect(cookie).toMatch(/; samesite=lax/i);
    }
    const { answer } = await new Browser().follow(`${as.issuer}/oauth2/authorize?client_id=nobody`);
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

describe('threat 19: a client that looks like another', () => {
  it.each([
    'https://claude.ai.evil.example/oauth/mcp-oauth-client-metadata',
    'https://claude.ai/oauth/mcp-oauth-client-metadata/',
    'https://claude.ai/oauth/mcp-oauth-client-metadata?x=1',
    'https://CLAUDE.ai/oauth/mcp-oauth-client-metadata',
    'http://claude.ai/oauth/mcp-oauth-client-metadata',
    'https://xn--clude-0qa.ai/oauth/mcp-oauth-client-metadata',
    'https://claude.ai/oauth/../oauth/mcp-oauth-client-metadata',
  ])('does not get the document of a known one: %s', async (clientId) => {
    await using as = await open();
    const redirectUri = 'https://claude.ai/api/mcp/auth_callback';
    const url = authorizeUrl(as.issuer, { clientId, redirectUri, challenge: pkce().challenge });
    const { answer, url: at } = await new Browser().follow(url);
    expect(answer.status).toBe(400);
    expect(at).toContain(as.issuer);
  });

  it('is not known by a document without TLS, nor by one within the network', async () => {
    const fetched: string[] = [];
    const site = createServer((req, res) => {
      fetched.push(req.url ?? '');
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ client_id: `http://127.0.0.1/client`, redirect_uris: [REDIRECT] }));
    });
    await new Promise<void>((resolve) => {
      site.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void site.close());
    // A server that listens on a port has an address.
    const { port } = site.address() as AddressInfo;
    await using as = await open();
    for (const scheme of ['http', 'https']) {
      const clientId = `${scheme}://127.0.0.1:${port}/client`;
      const url = authorizeUrl(as.issuer, { clientId, redirectUri: REDIRECT, challenge: pkce().challenge });
      // One after the other: they are one address.
      expect((await new Browser().follow(url)).answer.status).toBe(400);
    }
    expect(fetched).toEqual([]);
  });

  it('is shown with the host that the answer goes to, and its name is text', async () => {
    await using as = await open();
    const url = await asked(as, '<b>Claude</b>{site}', 'https://clаude.example/cb');
    const { page } = await beforeConsent(as, url);
    expect(page).toContain('&lt;b&gt;Claude&lt;/b&gt;{site}');
    // With a Cyrillic а: seen for what it is.
    expect(page).toContain('xn--clude-5ve.example');
    expect(page).not.toContain('clаude.example</bdi>');
  });
});

describe('threat 20: a flood of registrations', () => {
  it('ends at the address that it comes from', async () => {
    await using as = await open();
    const statuses: number[] = [];
    for (let n = 0; n < 40; n += 1)
      // One after the other, as a flood from one connection is.
      statuses.push((await register(as.issuer, { redirect_uris: [REDIRECT] })).status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(30);
    expect(statuses.at(-1)).toBe(429);
  });

  it('fills no store: there are so many clients, and those that nobody uses are gone after a day', async () => {
    const records = new MemoryRecords();
    const adapter = new RecordsAdapter(records, 'Client');
    const client = { client_id: 'x', redirect_uris: [REDIRECT] };
    await adapter.upsert('first', client, undefined);
    const [kept] = records.list('Client');
    expect(kept?.value).toMatchObject({ dynamic: true });
    for (let n = 1; n < 10_000; n += 1) records.put('Client', `c${n}`, { ...client, dynamic: true });
    await expect(adapter.upsert('more', client, undefined)).rejects.toMatchObject({
      error_description: expect.stringContaining('too many clients'),
    });
    expect(records.get('Client', 'more')).toBeUndefined();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 25 * 3_600_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(records.get('Client', 'first')).toBeUndefined();
  });
});

describe('whoever guesses passwords', () => {
  it('of one account has to wait after five, even with the right one; another account does not', async () => {
    await using as = await open();
    const browser = new Browser();
    const login = await browser.follow(await asked(as));
    const csrf = csrfOf(await login.answer.text());
    const attempt = (name: string, password: string) =>
      browser.go(login.url, { csrf, do: 'login', name, password });
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1)
      // As somebody types them.
      statuses.push((await attempt(n % 2 === 0 ? PERSON.name : ' ALICE ', `guess number ${n}`)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    const late = await attempt(PERSON.name, PERSON.password);
    expect(late.status).toBe(429);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await attempt('bob', 'whatever it is')).status).toBe(401);
  });
});
