import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync, createSign } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { authSection } from '../config/auth.ts';
import { fetchJsonFor } from './fetch-json.ts';
import { introspectionCheck } from './introspection.ts';
import { externalIssuer } from './issuers.ts';
import { jwtCheck } from './jwt.ts';

const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwks = { keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256' }] };

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Answering = (req: IncomingMessage, res: ServerResponse) => void;

/** Serves on loopback. @returns its origin, and the paths that were asked for */
async function serve(answer: Answering): Promise<{ origin: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((req, res) => {
    asked.push(req.url ?? '');
    answer(req, res);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function token(iss: string, header: object = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const parts = [
    { alg: 'RS256', kid: 'k', ...header },
    { iss, sub: 's', aud: 'us', exp: now + 60, iat: now },
  ];
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${input}.${createSign('sha256').update(input).sign(key.privateKey).toString('base64url')}`;
}

const send = (res: ServerResponse, value: unknown): void => void res.end(JSON.stringify(value));

function checkOf(issuer: string, more: object = {}) {
  const { issuers } = authSection.parse({ issuers: [{ issuer, audience: 'us', ...more }] });
  return jwtCheck(issuers.map(externalIssuer));
}

describe('the keys of an issuer', () => {
  it('are where its metadata says, in either of the two places', async () => {
    for (const place of [
      '/a/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/a',
    ]) {
      const { origin, asked } = await serve((req, res) => {
        if (req.url === place) send(res, { issuer: `${origin}/a`, jwks_uri: `${origin}/keys` });
        else if (req.url === '/keys') send(res, jwks);
        else res.writeHead(404).end();
      });
      const check = checkOf(`${origin}/a`);
      expect(await check(token(`${origin}/a`))).toHaveProperty('principal');
      expect(await check(token(`${origin}/a`))).toHaveProperty('principal');
      expect(
        asked.filter((path) => path === '/keys'),
        'fetched once',
      ).toHaveLength(1);
    }
  });

  it('are not where the metadata of somebody else says', async () => {
    const { origin, asked } = await serve((req, res) => {
      if (req.url === '/keys') send(res, jwks);
      else send(res, { issuer: 'https://other.example', jwks_uri: `${origin}/keys` });
    });
    expect(await checkOf(`${origin}/a`)(token(`${origin}/a`))).toHaveProperty('refused');
    expect(asked).not.toContain('/keys');
  });

  it('are not asked for again and again because of tokens with made-up key ids', async () => {
    const { origin, asked } = await serve((_req, res) => send(res, jwks));
    const check = checkOf(`${origin}/a`, { jwksUri: `${origin}/keys` });
    for (let i = 0; i < 20; i++) await check(token(`${origin}/a`, { kid: `k${i}` }));
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  it('that cannot be had let nobody in, and do not end the gateway', async () => {
    const { origin } = await serve((_req, res) => void res.writeHead(500).end('<html>'));
    expect(await checkOf(`${origin}/a`)(token(`${origin}/a`))).toMatchObject({ refused: 'invalid_token' });
    const { origin: odd } = await serve((_req, res) => send(res, { keys: 'none' }));
    expect(await checkOf(odd, { jwksUri: `${odd}/keys` })(token(odd))).toMatchObject({
      refused: 'invalid_token',
    });
  });
});

describe('threat 22: where an authorization server leads us', () => {
  it('is not the inside of the network', async () => {
    const { origin, asked } = await serve((_req, res) => send(res, jwks));
    const fetchJson = fetchJsonFor('https://idp.example', false);
    for (const url of [
      `${origin}/keys`,
      'https://10.0.0.1/keys',
      'https://169.254.169.254/latest',
      'https://[::1]/keys',
    ])
      await expect(fetchJson(url)).rejects.toThrow();
    expect(asked).toEqual([]);
  });

  it('is nowhere that it redirects to', async () => {
    const inside = await serve((_req, res) => send(res, jwks));
    const { origin } = await serve(
      (_req, res) => void res.writeHead(302, { location: `${inside.origin}/keys` }).end(),
    );
    await expect(fetchJsonFor(origin, false)(`${origin}/keys`)).rejects.toThrow();
    expect(inside.asked).toEqual([]);
  });

  it('is nowhere without TLS but on this machine', async () => {
    await expect(fetchJsonFor('http://idp.example', true)('http://idp.example/keys')).rejects.toThrow(
      'not https',
    );
  });

  it('is no answer without an end, and none that is not an object', async () => {
    const { origin } = await serve((req, res) => {
      if (req.url === '/list') send(res, []);
      else res.end(`"${'x'.repeat(600_000)}"`);
    });
    const fetchJson = fetchJsonFor(origin, false);
    await expect(fetchJson(`${origin}/large`)).rejects.toThrow('too large');
    await expect(fetchJson(`${origin}/list`)).rejects.toThrow('JSON object');
  });
});

describe('a token that an authorization server is asked about', () => {
  const CLIENT = { clientId: 'we:us', clientSecret: 'a secret%' };

  async function asking(answer: object, config: object = {}) {
    const seen: { authorization: string | undefined; body: string }[] = [];
    const { origin } = await serve((req, res) => {
      let body = '';
      req.on('data', (text: Buffer) => (body += text.toString()));
      req.on('end', () => {
        seen.push({ authorization: req.headers.authorization, body });
        send(res, answer);
      });
    });
    const { introspection } = authSection.parse({
      introspection: { url: `${origin}/i`, issuer: 'https://idp.example', ...CLIENT, ...config },
    });
    if (!introspection) throw new Error('no introspection');
    return { verdict: await introspectionCheck(introspection)('the token'), seen };
  }

  it('is who the answer says, for a while', async () => {
    const { verdict, seen } = await asking({ active: true, sub: 'u', scope: 'a', client_id: 'c' });
    expect(verdict).toMatchObject({
      principal: { id: 'https://idp.example#u', via: 'introspection', clientId: 'c', scopes: ['a'] },
    });
    expect(verdict && 'until' in verdict && verdict.until).toBeLessThanOrEqual(Date.now() + 30_000);
    const basic = Buffer.from('we%3Aus:a+secret%25').toString('base64');
    expect(seen).toEqual([
      { authorization: `Basic ${basic}`, body: 'token=the+token&token_type_hint=access_token' },
    ]);
  });

  it.each<[string, object, object]>([
    ['is not active', { active: false, sub: 'u' }, {}],
    ['is active in words only', { active: 'true', sub: 'u' }, {}],
    ['has expired', { active: true, sub: 'u', exp: 1 }, {}],
    ['is of another issuer', { active: true, sub: 'u', iss: 'https://evil.example' }, {}],
    ['is a refresh token', { active: true, sub: 'u', token_type: 'refresh_token' }, {}],
    ['is of nobody', { active: true }, {}],
    ['is for somebody else', { active: true, sub: 'u', aud: 'them' }, { audience: 'us' }],
    ['is for nobody in particular', { active: true, sub: 'u' }, { audience: 'us' }],
    ['has no allowed role', { active: true, sub: 'u', roles: ['x'] }, { allow: { roles: ['y'] } }],
  ])('that %s is refused', async (_what, answer, config) => {
    expect((await asking(answer, config)).verdict).toMatchObject({ refused: 'invalid_token' });
  });

  it('that lacks a scope is told which', async () => {
    const { verdict } = await asking({ active: true, sub: 'u', scope: 'a' }, { scopes: ['b'] });
    expect(verdict).toMatchObject({ refused: 'insufficient_scope', scopes: ['b'] });
  });
});
