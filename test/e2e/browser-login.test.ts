import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PERSON } from '../../src/auth/server/testing.ts';
import { type AuthHome, authHome } from '../support/authorization.ts';
import { CHROMIUM, openChromium, personAt } from '../support/chromium.ts';
import { child, type Gateway } from '../support/gateway.ts';
import { callTool, textOf } from '../support/http.ts';
import { connectWith, type KnownBy, Login } from '../support/official-client.ts';

/** A program on this machine that waits for its user to come back. */
const program = createServer((_req, res) => {
  res.writeHead(200, { 'content-type': 'text/plain' }).end('You can close this page.');
});
const CLAUDE_CODE = 'https://claude.ai/oauth/claude-code-client-metadata';
const CONFIG = { mcpServers: { one: child() }, auth: { server: {} } };

let browser: Browser;
let home: AuthHome;
let gateway: Gateway;
let redirect: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    program.listen(0, '127.0.0.1', resolve);
  });
  // A server that listens on a port has an address.
  redirect = `http://localhost:${(program.address() as AddressInfo).port}/callback`;
  if (CHROMIUM === undefined) return;
  browser = await openChromium();
  home = await authHome();
  gateway = await home.gateway(CONFIG);
});

afterAll(async () => {
  await browser?.close();
  program.close();
  await gateway?.stop();
  home?.[Symbol.dispose]();
});

beforeEach(({ skip }) => {
  skip(CHROMIUM === undefined, 'there is no Chromium on this machine: scripts/setup.sh installs it');
});

async function logIn(page: Page, password = PERSON.password): Promise<void> {
  await page.getByLabel('User name').fill(PERSON.name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** What a person does who has just started the program that asks. */
function agree(page: Page) {
  return async (url: URL): Promise<URL> => {
    await page.goto(url.href);
    await logIn(page);
    return clickAway(page, 'Allow');
  };
}

/** Clicks on what leads back to the program. @returns where exactly */
async function clickAway(page: Page, button: string): Promise<URL> {
  await page.getByRole('button', { name: button, exact: true }).click();
  await page.waitForURL((url) => url.pathname === '/callback');
  return new URL(page.url());
}

/** The address that a client of this kind sends its user to. */
async function askedBy(known: KnownBy): Promise<string> {
  const login = new Login(redirect, known);
  const stop = new Error('as far as this goes');
  const away = async (): Promise<never> => {
    throw stop;
  };
  await expect(connectWith(login, gateway.endpoint, away)).rejects.toBe(stop);
  return login.goTo?.href ?? '';
}

describe('the official client, and its user at a browser', () => {
  it.each<[string, () => Promise<KnownBy>]>([
    ['a document (CIMD)', async () => ({ way: 'document', url: CLAUDE_CODE })],
    ['a registration (DCR)', async () => ({ way: 'registration', name: 'Test' })],
    ['an entry made beforehand', async () => ({ way: 'beforehand', ...(await home.client(redirect)) })],
    ['one with a secret', async () => ({ way: 'beforehand', ...(await home.client(redirect, true)) })],
  ])('known by %s, log in, agree and call a tool', async (_how, known) => {
    const login = new Login(redirect, await known());
    const client = await connectWith(login, gateway.endpoint, agree(await personAt(browser)));
    const { content } = await client.callTool({ name: 'echo', arguments: { text: 'hello' } });
    expect(content).toEqual([{ type: 'text', text: 'hello' }]);
    await client.close();
  });

  it('keep what they have when the gateway is restarted', async () => {
    const login = new Login(redirect, { way: 'registration', name: 'Test' });
    const page = await personAt(browser);
    const client = await connectWith(login, gateway.endpoint, agree(page));
    await client.close();
    await gateway.stop();
    gateway = await home.gateway(CONFIG);

    const token = login.tokens()?.access_token ?? '';
    const answer = await callTool(
      gateway,
      'echo',
      { text: 'still' },
      { headers: { authorization: `Bearer ${token}` } },
    );
    expect(textOf(answer)).toBe('still');
    // The refresh token as well: nobody is sent to a browser.
    login.saveTokens({ ...login.tokens(), access_token: 'expired', token_type: 'Bearer' });
    const nobody = () => Promise.reject(new Error('asked again'));
    const again = await connectWith(login, gateway.endpoint, nobody);
    expect(login.tokens()?.access_token).not.toBe('expired');
    await again.close();
    // And the session of the browser. What any program of a device could ask for, is asked of a person each time.
    await page.goto(login.goTo?.href ?? '');
    expect(await page.locator('main').innerText()).toContain('Signed in as alice');
  });
});

describe('the pages', () => {
  it('say who asks, what for, and where the answer goes', async () => {
    const page = await personAt(browser);
    await page.goto(await askedBy({ way: 'document', url: CLAUDE_CODE }));
    expect(await page.title()).toBe('Sign in · Sallyport');
    await logIn(page);
    const text = await page.locator('main').innerText();
    expect(text).toContain(`Claude Code wants to use your tools at ${new URL(gateway.endpoint).host}`);
    expect(text).toMatch(new RegExp(`sent to\\s+${new URL(redirect).host}\\s+a program on this device`));
    expect(text).toContain('Any program on this device could say it is Claude Code');
    expect(text).toContain('Claude Code is identified by claude.ai');
    expect(text).toContain('Signed in as alice');
  });

  it('look as they are meant to: their own policy lets their style through, and nothing else', async () => {
    const page = await personAt(browser);
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(await askedBy({ way: 'registration', name: 'Test' }));
    await logIn(page);
    const [card, allow, no] = ['main', 'button[value=allow]', 'button[value=abort]'].map((each) =>
      page.locator(each),
    );
    expect((await card?.boundingBox())?.width).toBeLessThan(500);
    // The two answers are as large as each other.
    expect((await allow?.boundingBox())?.width).toBe((await no?.boundingBox())?.width);
    expect(complaints).toEqual([]);
  });

  it('threat 19: do not take the word of a client that registered itself', async () => {
    const page = await personAt(browser);
    await page.goto(await askedBy({ way: 'registration', name: '<img src=x onerror=alert(1)>Claude' }));
    await logIn(page);
    expect(await page.locator('img').count()).toBe(0);
    const text = await page.locator('main').innerText();
    expect(text).toContain('The name <img src=x onerror=alert(1)>Claude is what the client says of itself');
  });

  it('let a person say no, at either of them', async () => {
    const url = await askedBy({ way: 'registration', name: 'Test' });
    const page = await personAt(browser);
    await page.goto(url);
    const atLogin = await clickAway(page, 'Do not allow');
    expect(atLogin.searchParams.get('error')).toBe('access_denied');
    await page.goto(url);
    await logIn(page);
    const atConsent = await clickAway(page, 'Do not allow');
    expect(atConsent.searchParams.get('error')).toBe('access_denied');
    expect(atConsent.searchParams.get('iss')).toBe(gateway.origin);
  });

  it('let them be somebody else', async () => {
    const page = await personAt(browser);
    await page.goto(await askedBy({ way: 'registration', name: 'Test' }));
    await logIn(page);
    await page.getByRole('button', { name: 'Use another account' }).click();
    await page.getByLabel('User name').waitFor();
    await logIn(page);
    await page.getByRole('button', { name: 'Allow', exact: true }).waitFor();
  });

  it('say that a password is wrong, and keep the name', async () => {
    const page = await personAt(browser);
    await page.goto(await askedBy({ way: 'registration', name: 'Test' }));
    await logIn(page, 'wrong password');
    expect(await page.getByRole('alert').innerText()).toBe('That user name and password do not match.');
    expect(await page.getByLabel('User name').inputValue()).toBe(PERSON.name);
    await page.getByLabel('Password').fill(PERSON.password);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Allow', exact: true }).waitFor();
  });

  it.each([
    ['ko-KR', '로그인', '접근을 허용할까요?'],
    ['fr-FR', 'Connexion', 'Autoriser l’accès ?'],
    ['de-DE', 'Sign in', 'Allow access?'],
  ])('speak %s, or English, and fit on a phone', async (locale, login, consent) => {
    const phone = { locale, viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true };
    const page = await personAt(browser, phone);
    await page.goto(await askedBy({ way: 'document', url: CLAUDE_CODE }));
    expect(await page.locator('h1').innerText()).toBe(login);
    expect(await overflow(page)).toBe(0);
    await page.locator('#name').fill(PERSON.name);
    await page.locator('#password').fill(PERSON.password);
    await page.locator('button[value=login]').click();
    expect(await page.locator('h1').innerText()).toBe(consent);
    expect(await page.locator('html').getAttribute('lang')).toBe(
      login === 'Sign in' ? 'en' : locale.slice(0, 2),
    );
    expect(await overflow(page)).toBe(0);
  });

  it('threat 18: are shown in no frame, and are nothing to a page of somebody else', async () => {
    const url = await askedBy({ way: 'registration', name: 'Test' });
    const page = await personAt(browser);
    await page.goto(url);
    await logIn(page);
    const consent = page.url();
    const csrf = (await page.locator('input[name=csrf]').first().getAttribute('value')) ?? '';
    // The same person visits another page, which shows the consent in a frame, and knows even the proof in its form.
    await page.route('http://evil.localhost:9/**', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<iframe src="${consent}"></iframe><form method="post" action="${consent}">
          <input name="csrf" value="${csrf}" /><button name="do" value="allow">A kitten</button></form>`,
      }),
    );
    await page.goto('http://evil.localhost:9/');
    const frame = page.frames().find((each) => each !== page.mainFrame());
    expect(await frame?.locator('button[value=allow]').count()).toBe(0);
    const answer = page.waitForResponse((each) => each.request().method() === 'POST');
    await page.getByRole('button', { name: 'A kitten' }).click();
    expect((await answer).status()).toBe(403);
  });
});

/** How many pixels of the page stick out at the side. */
function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - innerWidth');
}
