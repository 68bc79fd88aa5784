import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { Client } from '@modelcontextprotocol/client';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { exportJWK, generateKeyPair, SignJWT, type SignJWT as Draft } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Config } from '../../config/schema.ts';
import type { OwnAuthorization } from '../../core/own-authorization.ts';
import type { Surroundings } from '../builtin.ts';
import { serveOver } from '../stdio.ts';

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const KEY = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };

type Page = { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: unknown };

/** What is wrong with a gateway and its authorization server: pages by path, and the token. */
interface Wrong {
  readonly pages?: (base: string) => Readonly<Record<string, Page>>;
  readonly token?: (draft: Draft, base: string) => Draft;
}

/** A gateway that is set up as it should be, but for what is wrong with it. */
async function setUp({ pages, token }: Wrong = {}): Promise<{ base: string; around: Surroundings }> {
  let base = '';
  const web = createServer((req, res) => {
    const path = req.url ?? '';
    const { status = 200, headers = {}, body } = { ...good(base), ...pages?.(base) }[path] ?? { status: 404 };
    const isGuarded = path === '/hello' && req.headers.authorization !== `Bearer ${issued}`;
    res.writeHead(isGuarded && !pages?.(base)[path] ? 401 : status, {
      'content-type': 'application/json',
      ...headers,
    });
    res.end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => {
    web.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    web.closeAllConnections();
    web.close();
  });
  // A server that listens on a port has an address.
  const { port } = web.address() as AddressInfo;
  base = `http://127.0.0.1:${port}`;
  let issued = '';
  const authorization: OwnAuthorization = {
    issuer: base,
    counts: () => ({
      users: 0,
      disabledUsers: 0,
      clients: 0,
      registeredClients: 0,
      grants: 0,
      accessTokens: 0,
    }),
    async testToken(seconds) {
      const audience = `${base}/hello`;
      const draft = new SignJWT({ scope: 'oauth.test' })
        .setProtectedHeader({ alg: 'ES256', kid: 'one', typ: 'at+jwt' })
        .setIssuer(base)
        .setSubject('test')
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(`${seconds}s`);
      issued = await (token?.(draft, base) ?? draft).sign(privateKey);
      return { token: issued, audience, scope: 'oauth.test', expiresAt: Date.now() + seconds * 1000 };
    },
  };
  const config = {
    listen: { host: '127.0.0.1', port },
    publicUrl: undefined,
    auth: { issuers: [] },
    // Nothing else of a configuration is looked at.
  } as unknown as Config;
  return { base, around: { config: () => config, home: undefined, authorization: () => authorization } };
}

function metadata(base: string): Record<string, unknown> {
  return {
    issuer: base,
    authorization_endpoint: `${base}/oauth2/authorize`,
    token_endpoint: `${base}/oauth2/token`,
    registration_endpoint: `${base}/oauth2/register`,
    jwks_uri: `${base}/oauth2/jwks`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    client_id_metadata_document_supported: true,
    authorization_response_iss_parameter_supported: true,
  };
}

const RESOURCE = '/.well-known/oauth-protected-resource/mcp';
const SERVER = '/.well-known/oauth-authorization-server';

function good(base: string): Record<string, Page> {
  return {
    '/mcp': {
      status: 401,
      headers: { 'www-authenticate': `Bearer resource_metadata="${base}${RESOURCE}"` },
    },
    [RESOURCE]: { body: { resource: `${base}/mcp`, authorization_servers: [base] } },
    [SERVER]: { body: metadata(base) },
    '/oauth2/jwks': { body: { keys: [KEY] } },
    '/hello': { body: { authenticated_client: 'test' } },
  };
}

async function connected(options: unknown, around?: Surroundings): Promise<Client> {
  const input = new PassThrough();
  const output = new PassThrough();
  const served = await serveOver('oauth', options, input, output, undefined, around);
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect(new StdioServerTransport(output, input));
  onTestFinished(async () => {
    await client.close();
    await served.close();
  });
  return client;
}

interface Step {
  readonly step: string;
  readonly status: string;
  readonly detail: string;
  readonly remedy: string | null;
}

/** What is not right, after a walk through this. */
async function complaints(wrong: Wrong): Promise<Step[]> {
  const { around } = await setUp(wrong);
  const client = await connected({}, around);
  const { structuredContent } = await client.callTool({ name: 'validate_oauth2_setup' });
  const { steps, valid } = structuredContent as { steps: Step[]; valid: boolean };
  expect(valid).toBe(!steps.some(({ status }) => status === 'failed'));
  return steps.filter(({ status }) => status !== 'ok');
}

const changed = (path: string, change: (base: string) => object): Wrong => ({
  pages: (base) => ({ [path]: { body: { ...metadata(base), ...change(base) } } }),
});
const keys = (...list: object[]): Wrong => ({ pages: () => ({ '/oauth2/jwks': { body: { keys: list } } }) });

describe('validate_oauth2_setup', () => {
  it('has nothing to say where everything is right', async () => {
    expect(await complaints({})).toEqual([]);
  });

  it.each<[string, Wrong, string, RegExp, RegExp]>([
    [
      'nobody asks for a token',
      { pages: () => ({ '/mcp': { status: 400 } }) },
      'challenge',
      /answered 400/,
      /--no-auth/,
    ],
    [
      'a proxy answers itself',
      { pages: () => ({ '/mcp': { status: 502 } }) },
      'challenge',
      /answered 502/,
      /a proxy in front/,
    ],
    [
      'the challenge names nothing',
      { pages: () => ({ '/mcp': { status: 401, headers: { 'www-authenticate': 'Bearer' } } }) },
      'challenge',
      /does not name/,
      /removes the header/,
    ],
    [
      'the challenge leads elsewhere',
      {
        pages: () => ({
          '/mcp': {
            status: 401,
            headers: { 'www-authenticate': 'Bearer resource_metadata="http://internal:1/x"' },
          },
        }),
      },
      'challenge',
      /http:\/\/internal:1/,
      /publicUrl/,
    ],
    [
      'the endpoint is called otherwise',
      {
        pages: (base) => ({
          [RESOURCE]: { body: { resource: 'http://other/mcp', authorization_servers: [base] } },
        }),
      },
      'resource_metadata',
      /http:\/\/other\/mcp, and not/,
      /publicUrl/,
    ],
    [
      'the issuer has another name',
      changed(SERVER, (b) => ({ issuer: `${b}/` })),
      'discovery',
      /calls itself/,
      /as it calls itself/,
    ],
    [
      'the issuer says nothing',
      { pages: () => ({ [SERVER]: { status: 404 } }) },
      'discovery',
      /answered 404/,
      /exactly/,
    ],
    [
      'PKCE is not offered',
      changed(SERVER, () => ({ code_challenge_methods_supported: ['plain'] })),
      'discovery',
      /S256/,
      /PKCE/,
    ],
    [
      'an endpoint is not https',
      changed(SERVER, () => ({ token_endpoint: 'http://mcp.example.com/t' })),
      'discovery',
      /not https/,
      /TLS/,
    ],
    [
      'no code is offered',
      changed(SERVER, () => ({ response_types_supported: ['token'] })),
      'discovery',
      /no authorization code/,
      /Switch/,
    ],
    [
      'nobody can register',
      changed(SERVER, () => ({
        registration_endpoint: undefined,
        client_id_metadata_document_supported: false,
      })),
      'registration',
      /by hand/,
      /sallyport client create/,
    ],
    [
      'public clients are not offered',
      changed(SERVER, () => ({ token_endpoint_auth_methods_supported: [] })),
      'public_clients',
      /without a secret/,
      /none/,
    ],
    ['there is no key', keys(), 'jwks', /no keys/, /a key to sign/],
    [
      'a private key is published',
      keys({ ...KEY, d: 'AAAA' }),
      'jwks',
      /private half of the key one/,
      /Replace/,
    ],
    [
      'a symmetric key is published',
      keys({ kty: 'oct', k: 'AAAA', kid: 'two' }),
      'jwks',
      /key two/,
      /Replace/,
    ],
    [
      'a key is too short',
      keys({ kty: 'RSA', kid: 'r', e: 'AQAB', n: Buffer.alloc(128, 1).toString('base64url') }),
      'jwks',
      /1024 bits/,
      /2048/,
    ],
    ['the key is another one', keys({ ...KEY, kid: 'other' }), 'token', /cannot be verified/, /jwks_uri/],
    [
      'the token is for somebody else',
      { token: (draft) => draft.setAudience('x') },
      'token',
      /somebody else/,
      /audience mapper/,
    ],
    [
      'the token says another issuer',
      { token: (draft, base) => draft.setIssuer(`${base}/`) },
      'token',
      /iss is not/,
      /slash/,
    ],
    [
      'the token is too old',
      { token: (draft) => draft.setExpirationTime(1) },
      'token',
      /ERR_JWT_EXPIRED/,
      /clocks/,
    ],
    [
      'the call is refused',
      { pages: () => ({ '/hello': { status: 401 } }) },
      'protected_call',
      /answered 401/,
      /Authorization header/,
    ],
    [
      'anybody may call',
      { pages: () => ({ '/hello': { status: 200 } }) },
      'protected_call',
      /both have to be 401/,
      /cache/,
    ],
    // The 401 of the challenge stays, since a token is looked at where there is one.
  ])('says that %s', async (_what, wrong, step, detail, remedy) => {
    const [first] = await complaints(wrong);
    expect(first).toMatchObject({
      step,
      detail: expect.stringMatching(detail),
      remedy: expect.stringMatching(remedy),
    });
  });

  it('threat 22: is not led into the network by what somebody publishes', async () => {
    const wrong = changed(SERVER, () => ({ jwks_uri: 'https://169.254.169.254/keys' }));
    const [first] = await complaints(wrong);
    expect(first).toMatchObject({ step: 'jwks', detail: expect.stringContaining('169.254.169.254') });
    expect(first?.detail).toMatch(/not public|not allowed|internal|link-local|reserved/i);
  });
});

describe('alone, on another gateway', () => {
  it('looks at what its options name, and cannot make tokens', async () => {
    const { base } = await setUp();
    const client = await connected({ gateway: base, testTokens: true });
    const { structuredContent } = await client.callTool({ name: 'get_oauth2_server_status' });
    expect(structuredContent).toMatchObject({
      protected: true,
      servers: [{ issuer: base, own: false }],
      own: null,
    });
    const validated = await client.callTool({ name: 'validate_oauth2_setup' });
    expect(validated.structuredContent).toMatchObject({
      valid: true,
      steps: expect.arrayContaining([expect.objectContaining({ step: 'token', status: 'skipped' })]),
    });
    expect(await client.callTool({ name: 'create_oauth2_test_token' })).toMatchObject({ isError: true });
  });

  it('says so where they name none', async () => {
    const client = await connected({});
    expect(await client.callTool({ name: 'validate_oauth2_setup' })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('option `gateway`') }],
    });
  });
});

describe('get_oauth2_flow_guide', () => {
  it.each([
    ['authorization_code', true, '/oauth2/authorize?response_type=code'],
    ['client_credentials', false, 'grant_type=client_credentials'],
    ['refresh_token', true, 'grant_type=refresh_token'],
  ])('has the real addresses in the steps of %s', async (flow, offered, part) => {
    const { base, around } = await setUp();
    const client = await connected({}, around);
    const { structuredContent } = await client.callTool({
      name: 'get_oauth2_flow_guide',
      arguments: { flow },
    });
    expect(structuredContent).toMatchObject({ flow, offered });
    const { steps } = structuredContent as { steps: { command: string | null }[] };
    const commands = steps.map(({ command }) => command ?? '').join('\n');
    expect(commands).toContain(base);
    expect(commands).toContain(part);
  });
});
