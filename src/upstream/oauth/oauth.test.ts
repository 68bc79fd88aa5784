import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UpstreamAuth } from '../../config/schema.ts';
import { OAuthCredentials } from './credentials.ts';
import { fetchFor } from './fetch.ts';
import { type Interaction, knock, logIn, type Party } from './flow.ts';
import { Logins, tokensOf } from './logins.ts';
import { openSites, type Sites } from './testing.ts';

let sites: Sites;
let folder = '';
let problems: string[] = [];
beforeEach(async () => {
  problems = [];
  sites = await openSites();
  folder = mkdtempSync(join(tmpdir(), 'sallyport-oauth-'));
});
afterEach(async () => {
  await sites[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const serverWith = (auth?: UpstreamAuth) =>
  ({ kind: 'http', url: sites.url, headers: {}, type: undefined, auth }) as const;

function party(auth?: UpstreamAuth): Party {
  const server = serverWith(auth);
  return { server, logins: new Logins(folder), fetch: fetchFor(server) };
}

/** A person who agrees to everything, with a browser. */
function person(ms = 2000): Interaction & { visited: URL[] } {
  const visited: URL[] = [];
  return {
    visited,
    signal: AbortSignal.timeout(ms),
    open(url) {
      visited.push(url);
      // One that is sent away stays where it is.
      void fetch(url).catch(() => {});
    },
  };
}

async function loggedIn(auth?: UpstreamAuth): Promise<string> {
  const at = party(auth);
  const tokens = await logIn(at, await knock(at), person());
  return tokens?.access_token ?? '';
}

function credentials(auth?: UpstreamAuth, interact?: () => Interaction): OAuthCredentials {
  const warn = (problem: string): void => void problems.push(problem);
  return new OAuthCredentials({ server: serverWith(auth), folder, advice: 'log in', interact, warn });
}

/** One request as the transport makes it: with the headers, and again after a renewal. */
async function ask(by: OAuthCredentials): Promise<number> {
  const once = async (): Promise<Response> =>
    fetch(sites.url, { method: 'POST', body: '{}', headers: { ...(await by.headers()) } });
  const first = await once();
  if (first.status === 200) return 200;
  const renewed = await by.renew(first.headers.get('www-authenticate') ?? undefined);
  return renewed ? (await once()).status : first.status;
}

describe('a login with a browser', () => {
  it('registers, proves itself with PKCE, names the resource, and gets a token that works', async () => {
    const token = await loggedIn();
    expect(sites.good.has(token)).toBe(true);
    expect(sites.registrations).toMatchObject([{ client_name: 'Sallyport', application_type: 'native' }]);
    expect(sites.tokenRequests[0]?.get('resource')).toBe(sites.url);
    expect(await ask(credentials())).toBe(200);
  });

  it('uses the registration again, and its port', async () => {
    await loggedIn();
    await loggedIn();
    expect(sites.registrations).toHaveLength(1);
  });

  it.each([
    ['iss of another authorization server', { iss: 'https://evil.example' }],
    ['error', { error: 'access_denied' }],
  ])('fails with an %s, and sends the code nowhere', async (_what, change) => {
    Object.assign(sites.behaviour, change);
    await expect(loggedIn()).rejects.toThrow();
    expect(sites.tokenRequests).toHaveLength(0);
  });

  it('does not even show an error that comes from another authorization server', async () => {
    Object.assign(sites.behaviour, { error: 'access_denied', iss: 'https://evil.example' });
    await expect(loggedIn()).rejects.not.toThrow('access_denied');
  });

  it('takes no answer with another state', async () => {
    sites.behaviour.state = 'forged';
    const at = party();
    await expect(logIn(at, {}, person(300))).rejects.toThrow();
    expect(sites.tokenRequests).toHaveLength(0);
  });

  it.each([
    ['no word of PKCE', { code_challenge_methods_supported: undefined }],
    ['another issuer in its metadata', { issuer: 'https://evil.example' }],
    ['a login page without TLS', { authorization_endpoint: 'http://example.com/authorize' }],
  ])('is refused for an authorization server with %s', async (_what, metadata) => {
    sites.behaviour.metadata = metadata;
    const someone = person(300);
    await expect(logIn(party(), {}, someone)).rejects.toThrow();
    expect(someone.visited).toEqual([]);
  });

  it('is kept so that nobody can read it, or put it in the place of another', async () => {
    const token = await loggedIn();
    const files = readdirSync(folder);
    for (const file of files) {
      expect(statSync(join(folder, file)).mode & 0o077).toBe(0);
      expect(readFileSync(join(folder, file)).includes(token)).toBe(false);
    }
    const sealed = files.find((file) => file.endsWith('.sealed')) ?? '';
    const bytes = readFileSync(join(folder, sealed));
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(join(folder, sealed), bytes);
    await expect(new Logins(folder).read(sites.url)).rejects.toThrow('was changed');
  });
});

describe('a token', () => {
  it('is renewed before it ends', async () => {
    sites.behaviour.expiresIn = 30;
    await loggedIn();
    sites.behaviour.expiresIn = 3600;
    const by = credentials();
    expect(await ask(by)).toBe(200);
    expect(await ask(by)).toBe(200);
    expect(sites.tokenRequests.map((body) => body.get('grant_type'))).toEqual([
      'authorization_code',
      'refresh_token',
    ]);
  });

  it('that the server no longer takes is renewed', async () => {
    const token = await loggedIn();
    sites.good.delete(token);
    expect(await ask(credentials())).toBe(200);
  });

  it('is renewed once, however many need it, in this process and in others', async () => {
    sites.behaviour.expiresIn = 30;
    await loggedIn();
    Object.assign(sites.behaviour, { expiresIn: 3600, tokenMs: 50 });
    // Each with a memory of its own, as processes have; a second use of the refresh token would be refused.
    const all = [credentials(), credentials(), credentials()];
    const answers = await Promise.all(all.flatMap((by) => [ask(by), ask(by)]));
    expect(answers).toEqual([200, 200, 200, 200, 200, 200]);
    expect(sites.tokenRequests).toHaveLength(2);
  });

  it('that cannot be renewed needs a new login, and nothing is tried again and again', async () => {
    const token = await loggedIn();
    sites.good.delete(token);
    sites.refreshTokens.clear();
    const by = credentials();
    expect(await ask(by)).toBe(401);
    expect(await ask(by)).toBe(401);
    expect(sites.tokenRequests).toHaveLength(2);
    // Whoever logs in elsewhere has done it for us, too.
    await loggedIn();
    expect(await ask(by)).toBe(200);
  });

  it('outlives an authorization server that is down', async () => {
    sites.behaviour.expiresIn = 30;
    await loggedIn();
    sites.behaviour.isDown = true;
    expect(await ask(credentials())).toBe(200);
    Object.assign(sites.behaviour, { isDown: false, expiresIn: 3600 });
    expect(await ask(credentials())).toBe(200);
    expect(tokensOf(await new Logins(folder).read(sites.url))?.refresh_token).toBeDefined();
  });

  it('is not shown to another authorization server, nor is the client', async () => {
    const token = await loggedIn();
    sites.good.delete(token);
    await using other = await openSites();
    sites.moveTo(other.issuer);
    expect(await ask(credentials())).toBe(401);
    expect([...other.tokenRequests, ...other.registrations]).toEqual([]);
  });
});

describe('a scope that does not suffice', () => {
  it('is asked for together with what was granted', async () => {
    await loggedIn();
    sites.behaviour.neededScope = 'write';
    const someone = person();
    expect(await ask(credentials(undefined, () => someone))).toBe(200);
    expect(someone.visited[0]?.searchParams.get('scope')).toBe('read write');
  });

  it('is remembered for the next login, where nobody is there', async () => {
    await loggedIn();
    sites.behaviour.neededScope = 'write';
    expect(await ask(credentials())).toBe(403);
    await loggedIn();
    expect(await ask(credentials())).toBe(200);
  });
});

describe('client_credentials', () => {
  const auth: UpstreamAuth = { grant: 'client_credentials', clientId: 'app', clientSecret: 'secret' };

  it('need nobody', async () => {
    expect(await ask(credentials({ ...auth, scope: 'read' }))).toBe(200);
    expect(sites.tokenRequests[0]?.get('scope')).toBe('read');
    expect(sites.registrations).toEqual([]);
  });

  it('are not given to an authorization server that they are not for', async () => {
    await expect(ask(credentials({ ...auth, issuer: 'https://as.example' }))).rejects.toThrow('as.example');
    expect(problems.join()).toContain('as.example');
    expect(sites.tokenRequests).toEqual([]);
  });

  it('stay with the authorization server that had them first', async () => {
    const by = credentials(auth);
    expect(await ask(by)).toBe(200);
    sites.good.clear();
    await using other = await openSites();
    sites.moveTo(other.issuer);
    await expect(ask(by)).rejects.toThrow();
    expect(other.tokenRequests).toEqual([]);
  });
});
