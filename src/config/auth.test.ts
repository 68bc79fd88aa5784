import { describe, expect, it } from 'vitest';
import { AddressBlocks, parseBlock, plainAddress } from './address-block.ts';
import { authSection, secretsOfAuth, trustedProxies } from './auth.ts';
import { parseRate, rateLimits } from './rate-limits.ts';
import { DEFAULT_RATES, doorRatesOf } from './rates.ts';
import { rules } from './rules.ts';

const KEYCLOAK = { issuer: 'https://idp.example/realms/a', audience: 'https://mcp.example.com/mcp' };

describe('auth', () => {
  it('is complete when it is empty', () => {
    expect(authSection.parse({})).toEqual({ tokens: true, issuers: [], basic: {}, ipAllow: [] });
  });

  it('completes an issuer', () => {
    expect(authSection.parse({ issuers: [KEYCLOAK] }).issuers[0]).toEqual({
      issuer: KEYCLOAK.issuer,
      audience: [KEYCLOAK.audience],
      algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      clockSkew: 30_000,
      scopes: [],
      claims: {
        user: 'preferred_username',
        email: 'email',
        roles: ['realm_access.roles', 'resource_access.*.roles', 'roles', 'groups'],
      },
      allow: {},
      allowPrivate: false,
    });
  });

  it.each([
    ['an issuer without an audience', { issuers: [{ issuer: KEYCLOAK.issuer }] }],
    ['an empty audience', { issuers: [{ ...KEYCLOAK, audience: [] }] }],
    ['an audience of nothing', { issuers: [{ ...KEYCLOAK, audience: '' }] }],
    ['an issuer that stands twice', { issuers: [KEYCLOAK, KEYCLOAK] }],
    ['HS256, with which who checks can forge', { issuers: [{ ...KEYCLOAK, algorithms: ['HS256'] }] }],
    ['none', { issuers: [{ ...KEYCLOAK, algorithms: ['none'] }] }],
    ['no algorithm at all', { issuers: [{ ...KEYCLOAK, algorithms: [] }] }],
    ['a scope with a blank', { issuers: [{ ...KEYCLOAK, scopes: ['a b'] }] }],
    ['a short password', { basic: { alice: 'short' } }],
    ['a user with a colon', { basic: { 'a:b': 'long enough for anybody' } }],
    ['no address', { ipAllow: ['10.0.0.0/33'] }],
    ['a key that does not exist', { isuers: [] }],
  ])('refuses %s', (_what, section) => {
    expect(authSection.safeParse(section).success).toBe(false);
  });

  it('names the secrets in it', () => {
    const introspection = {
      url: 'https://idp.example/i',
      clientId: 'c',
      clientSecret: 's3cret',
      issuer: 'https://idp.example',
    };
    const section = authSection.parse({ basic: { alice: 'long enough for anybody' }, introspection });
    expect(secretsOfAuth(section)).toEqual(['long enough for anybody', 's3cret']);
  });
});

describe('blocks of addresses', () => {
  it.each(['10.0.0.0/8', '192.0.2.7', '::1', '2001:db8::/32', '0.0.0.0/0'])('%s is one', (text) => {
    expect(parseBlock(text)).toEqual({ value: text });
  });

  it.each([
    '',
    '10.0.0',
    '10.0.0.0/33',
    '::/129',
    '::ffff:10.0.0.1',
    'example.com',
    '10.0.0.0/',
    '10.0.0.0/8/8',
  ])('%j is none', (text) => {
    expect(parseBlock(text)).toHaveProperty('problem');
  });

  it.each([
    ['10.1.2.3', true],
    ['11.0.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['2001:db8:ffff::1', true],
    ['2001:db9::1', false],
    ['nonsense', false],
    ['', false],
  ])('%s: %s', (address, expected) => {
    expect(new AddressBlocks(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']).has(address)).toBe(expected);
  });

  it.each([
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:DB8::1', '2001:db8::1'],
  ])('%s is %s', (given, plain) => {
    expect(plainAddress(given)).toBe(plain);
  });

  it('of proxies are checked', () => {
    expect(trustedProxies.safeParse(['127.0.0.1']).success).toBe(true);
    expect(trustedProxies.safeParse(['proxy.internal']).success).toBe(false);
  });
});

describe('rules', () => {
  it('take one pattern or several', () => {
    const [rule] = rules.parse([{ effect: 'allow', servers: 'files', tools: ['read_*', 'list_*'] }]);
    expect(rule).toEqual({ effect: 'allow', servers: ['files'], tools: ['read_*', 'list_*'] });
  });

  it.each([
    ['no effect', {}],
    ['an empty list, which would fit nothing', { effect: 'allow', tools: [] }],
    ['a condition on what has no arguments', { effect: 'allow', resources: 'file:*', when: 'true' }],
    ['a key that does not exist', { effect: 'deny', user: 'alice' }],
  ])('do not take %s', (_what, rule) => {
    expect(rules.safeParse([rule]).success).toBe(false);
  });
});

describe('rates', () => {
  it.each([
    ['10/s', 100],
    ['5 / s', 200],
    ['60/m', 1000],
    ['4/h', 900_000],
  ])('%s: one in %d ms', (text, intervalMs) => {
    expect(parseRate(text)).toEqual({ value: intervalMs });
  });

  it.each(['', '10', '0/s', '-1/s', '10/d', '1.5/s', '10r/s'])('%j is none', (text) => {
    expect(parseRate(text)).toHaveProperty('problem');
  });

  it('have the defaults of the documentation, and can be switched off', () => {
    expect(rateLimits.parse({})).toEqual({
      perAddress: { intervalMs: 100, burst: 20 },
      perUser: { intervalMs: 200, burst: 10 },
      concurrent: 1000,
      tools: [],
    });
    expect(rateLimits.parse({})).toMatchObject(DEFAULT_RATES);
    expect(rateLimits.parse({ perAddress: false, perUser: false })).toMatchObject({
      perAddress: undefined,
      perUser: undefined,
    });
  });

  it.each([
    ['127.0.0.1', undefined, undefined],
    ['localhost', undefined, undefined],
    ['::1', undefined, undefined],
    ['0.0.0.0', undefined, DEFAULT_RATES],
    ['192.168.0.5', undefined, DEFAULT_RATES],
    ['127.0.0.1', 'https://mcp.example.com', DEFAULT_RATES],
  ])('at %s, known as %s, hold where others come', (host, publicUrl, rates) => {
    expect(doorRatesOf({ listen: { host, port: 1 }, publicUrl })).toBe(rates);
    const own = rateLimits.parse({ perUser: false });
    expect(doorRatesOf({ listen: { host, port: 1 }, publicUrl, rateLimits: own })).toBe(own);
  });
});
