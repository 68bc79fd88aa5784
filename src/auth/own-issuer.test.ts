import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { JSONWebKeySet } from 'jose';
import { describe, expect, it } from 'vitest';
import { jwtCheck } from './jwt.ts';
import { ownIssuer } from './own-issuer.ts';

const ISSUER = 'https://mcp.example.com';

function newKey(kid: string) {
  return { kid, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
}

function jwksOf(...keys: { kid: string; publicKey: KeyObject }[]): JSONWebKeySet {
  return {
    keys: keys.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256' })),
  };
}

function setUp(base = 'https://mcp.example.com') {
  const revoked = new Set<string>();
  let key = newKey('1');
  let published = jwksOf(key);
  const server = { issuer: ISSUER, jwks: () => published, isRevoked: (jti: string) => revoked.has(jti) };
  const check = jwtCheck([ownIssuer(server, () => base)]);
  return {
    revoked,
    rotate: () => {
      key = newKey('2');
      published = jwksOf(key);
    },
    ask: async (aud: string | string[], claims: object = {}, header: object = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const parts = [
        { alg: 'ES256', typ: 'at+jwt', kid: key.kid, ...header },
        { iss: ISSUER, sub: 'alice', aud, scope: 'mcp.access', jti: 'j', iat: now, exp: now + 60, ...claims },
      ];
      const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      const signature = createSign('sha256')
        .update(input)
        .sign({ key: key.privateKey, dsaEncoding: 'ieee-p1363' });
      const verdict = await check(`${input}.${signature.toString('base64url')}`);
      if (!verdict || 'refused' in verdict) return verdict?.refused;
      return verdict.only ?? 'all';
    },
  };
}

describe('a token of the authorization server within', () => {
  it.each([
    ['https://mcp.example.com/mcp', 'all'],
    ['https://mcp.example.com', 'all'],
    ['https://mcp.example.com/sse', 'all'],
    ['https://mcp.example.com/servers/files/mcp', 'files'],
    ['https://mcp.example.com/mcp/', 'invalid_token'],
    ['https://mcp.example.com/servers/../mcp', 'invalid_token'],
    ['https://mcp.example.com.evil.example/mcp', 'invalid_token'],
    ['https://mcp.example.com:8443/mcp', 'invalid_token'],
    ['http://mcp.example.com/mcp', 'invalid_token'],
    ['https://mcp.example.com/mcp?x', 'invalid_token'],
    ['/mcp', 'invalid_token'],
  ])('for %s: %s', async (aud, expected) => {
    expect(await setUp().ask(aud)).toBe(expected);
  });

  it('on loopback is for each of its names', async () => {
    const { ask } = setUp('http://127.0.0.1:8080');
    for (const host of ['localhost', '127.0.0.1', '[::1]'])
      expect(await ask(`http://${host}:8080/mcp`)).toBe('all');
    expect(await ask('http://localhost:8081/mcp')).toBe('invalid_token');
    expect(await ask('http://localhost.evil.example:8080/mcp')).toBe('invalid_token');
  });

  it('is an access token, for the scope that all need, and not revoked', async () => {
    const { ask, revoked } = setUp();
    const ours = 'https://mcp.example.com/mcp';
    expect(await ask(ours, {}, { typ: 'JWT' })).toBe('invalid_token');
    expect(await ask(ours, { scope: 'openid' })).toBe('insufficient_scope');
    revoked.add('j');
    expect(await ask(ours)).toBe('invalid_token');
  });

  it('is checked with the keys of the day', async () => {
    const { ask, rotate } = setUp();
    expect(await ask('https://mcp.example.com/mcp')).toBe('all');
    rotate();
    expect(await ask('https://mcp.example.com/mcp')).toBe('all');
  });
});
