import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, exportJWK, type JWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { authSection } from '../config/auth.ts';
import type { JsonObject } from '../core/json.ts';
import type { Principal } from '../core/principal.ts';
import { type Issuer, jwtCheck } from './jwt.ts';
import type { Check, Verdict } from './verdict.ts';

const ISSUER = 'https://idp.example/realms/a';
const OTHER = 'https://other.example';
const OURS = 'https://mcp.example.com/mcp';
const now = (): number => Math.floor(Date.now() / 1000);

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const evil = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const CLAIMS: JsonObject = { iss: ISSUER, sub: 'u1', aud: OURS, scope: 'mcp.access', jti: 'j1' };
const HEADER: JsonObject = { alg: 'RS256', typ: 'at+jwt', kid: 'k1' };

function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** A token of these parts; undefined takes one away. */
function token(header: object = {}, claims: object = {}, key: KeyObject = rsa.privateKey): string {
  const time = { iat: now(), exp: now() + 600 };
  const input = `${encode({ ...HEADER, ...header })}.${encode({ ...CLAIMS, ...time, ...claims })}`;
  return `${input}.${createSign('sha256').update(input).sign(key).toString('base64url')}`;
}

function mac(header: object, secret: string | Buffer, bits = 'sha256'): string {
  const input = token(header).split('.', 2).join('.');
  return `${input}.${createHmac(bits, secret).update(input).digest('base64url')}`;
}

function parts(changes: (parts: string[]) => string[]): string {
  return changes(token().split('.')).join('.');
}

const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
let check: Check;
let evilJwk: JWK;
const revoked = new Set(['revoked']);

beforeAll(async () => {
  const jwk = async (key: KeyObject, alg: string, kid = 'k1'): Promise<JWK> => ({
    ...(await exportJWK(key)),
    kid,
    alg,
    use: 'sig',
  });
  evilJwk = await exportJWK(evil.publicKey);
  const configured = authSection.parse({
    issuers: [
      { issuer: ISSUER, audience: OURS, scopes: ['mcp.access'] },
      { issuer: OTHER, audience: OURS },
      { issuer: `${OTHER}/strict`, audience: OURS, allow: { domains: ['example.com'], roles: ['dev'] } },
    ],
  }).issuers;
  const keys = [
    createLocalJWKSet({ keys: [await jwk(rsa.publicKey, 'RS256'), await jwk(ec.publicKey, 'ES256', 'e1')] }),
    createLocalJWKSet({ keys: [await jwk(other.publicKey, 'RS256')] }),
    createLocalJWKSet({ keys: [await jwk(other.publicKey, 'RS256')] }),
  ];
  const issuers = configured.map((config, i): Issuer => ({
    ...config,
    keys: keys[i] ?? keys[0] ?? (() => Promise.reject(new Error('no keys'))),
    types: i === 0 ? ['at+jwt'] : ['at+jwt', 'jwt', undefined],
    audience: (named) =>
      named.includes(OURS) ? 'all' : named.includes(`${OURS}/files`) ? { only: 'files' } : 'none',
    isRevoked: (jti) => revoked.has(jti),
  }));
  check = jwtCheck(issuers);
});

async function ask(text: string): Promise<Verdict | undefined> {
  return check(text);
}

async function who(text: string): Promise<Principal | undefined> {
  const verdict = await ask(text);
  return verdict && 'principal' in verdict ? verdict.principal : undefined;
}

describe('a token that is as it should be', () => {
  it('opens the door as its subject', async () => {
    expect(await who(token())).toEqual({
      id: `${ISSUER}#u1`,
      via: 'jwt',
      user: 'u1',
      email: undefined,
      roles: [],
      clientId: undefined,
      scopes: ['mcp.access'],
    });
  });

  it.each<[string, () => string]>([
    ['with several audiences', () => token({}, { aud: ['https://elsewhere.example', OURS] })],
    ['whose type is written out', () => token({ typ: 'application/at+jwt' })],
    ['whose type is in capitals', () => token({ typ: 'AT+JWT' })],
    ['that expired within the skew', () => token({}, { exp: now() - 20 })],
    ['of a clock that is a little ahead', () => token({}, { iat: now() + 20, nbf: now() + 20 })],
    ['of an issuer without types', () => token({ typ: undefined }, { iss: OTHER }, other.privateKey)],
    ['of Keycloak', () => token({ typ: 'JWT' }, { iss: OTHER, typ: 'Bearer' }, other.privateKey)],
  ])('%s', async (_what, make) => {
    expect(await who(make())).toBeDefined();
  });

  it('is believed until it expires, and bound to its endpoint', async () => {
    const exp = now() + 100;
    expect(await ask(token({}, { exp, aud: `${OURS}/files` }))).toMatchObject({
      until: (exp + 30) * 1000,
      only: 'files',
    });
  });

  it('says when it was revoked', async () => {
    const verdict = await ask(token());
    const stands = verdict && 'stands' in verdict ? verdict.stands : undefined;
    expect(stands?.()).toBe(true);
    revoked.add('j1');
    expect(stands?.()).toBe(false);
    revoked.delete('j1');
  });

  it('of another issuer is another principal, whatever its subject', async () => {
    expect((await who(token({}, { iss: OTHER }, other.privateKey)))?.id).toBe(`${OTHER}#u1`);
  });

  it('without the scope that is asked of all is told which', async () => {
    expect(await ask(token({}, { scope: 'else' }))).toMatchObject({
      refused: 'insufficient_scope',
      scopes: ['mcp.access'],
    });
  });
});

describe('threats 3 to 6: a forged or misused token', () => {
  const FORGED: [string, () => string][] = [
    ['alg none', () => parts(([, claims = '']) => [encode({ ...HEADER, alg: 'none' }), claims, ''])],
    ['alg None', () => parts(([, claims = '']) => [encode({ ...HEADER, alg: 'None' }), claims, ''])],
    ['alg NONE with the signature', () => token({ alg: 'NONE' })],
    ['alg nOnE', () => parts(([, claims = '']) => [encode({ ...HEADER, alg: 'nOnE' }), claims, ''])],
    ['an empty alg', () => token({ alg: '' })],
    ['no alg', () => token({ alg: undefined })],
    ['alg as a list', () => token({ alg: ['RS256'] })],
    ['no signature', () => parts(([header = '', claims = '']) => [header, claims, ''])],
    ['HS256 with the public key (PEM)', () => mac({ alg: 'HS256' }, pem)],
    [
      'HS256 with the public key (DER)',
      () => mac({ alg: 'HS256' }, rsa.publicKey.export({ type: 'spki', format: 'der' })),
    ],
    ['HS384 with the public key', () => mac({ alg: 'HS384' }, pem, 'sha384')],
    ['HS512 with the public key', () => mac({ alg: 'HS512' }, pem, 'sha512')],
    ['HS256 with an empty secret', () => mac({ alg: 'HS256' }, '')],
    ['HS256 with the kid for a secret', () => mac({ alg: 'HS256' }, 'k1')],
    ['the header says RS256, the signature is a HMAC', () => mac({}, pem)],
    ['ES256 with the key of RS256', () => token({ alg: 'ES256' })],
    ['RS256 with the key of ES256', () => token({ kid: 'e1' })],
    [
      'an ES256 signature of zeros',
      () =>
        parts(([, claims = '']) => [
          encode({ ...HEADER, alg: 'ES256', kid: 'e1' }),
          claims,
          encode('\0'.repeat(64)),
        ]),
    ],
    ['PS256 with a signature of RS256', () => token({ alg: 'PS256' })],
    ['RS1', () => token({ alg: 'RS1' })],
    ["somebody else's key", () => token({}, {}, evil.privateKey)],
    ['a key that it brings along (jwk)', () => token({ jwk: evilJwk }, {}, evil.privateKey)],
    ['a right signature, and a key that it brings along', () => token({ jwk: evilJwk })],
    ['the address of a key (jku)', () => token({ jku: 'https://evil.example/jwks' }, {}, evil.privateKey)],
    [
      'the address of a certificate (x5u)',
      () => token({ x5u: 'https://evil.example/x' }, {}, evil.privateKey),
    ],
    ['a certificate (x5c)', () => token({ x5c: ['AAAA'] }, {}, evil.privateKey)],
    ['no kid', () => token({ kid: undefined })],
    ['an unknown kid', () => token({ kid: 'k9' })],
    ['a kid that is a path', () => token({ kid: '../../../../dev/null' }, {}, evil.privateKey)],
    ['a kid that is SQL', () => token({ kid: "x' UNION SELECT 'k" }, {}, evil.privateKey)],
    ['a kid that is a number', () => token({ kid: 1 })],
    ['crit', () => token({ crit: ['exp'] })],
    ['b64 false', () => token({ b64: false, crit: ['b64'] })],
    ['a nested token (cty)', () => token({ cty: 'JWT' })],
    ['a JWE header', () => token({ enc: 'A256GCM' })],
    ['typ JWT where at+jwt is written', () => token({ typ: 'JWT' })],
    ['no typ where at+jwt is written', () => token({ typ: undefined })],
    ['typ id_token+jwt', () => token({ typ: 'id_token+jwt' })],
    ['typ dpop+jwt', () => token({ typ: 'dpop+jwt' })],
    ['an ID token by its nonce', () => token({ typ: 'JWT' }, { iss: OTHER, nonce: 'n' }, other.privateKey)],
    [
      'an ID token by its at_hash',
      () => token({ typ: 'JWT' }, { iss: OTHER, at_hash: 'h' }, other.privateKey),
    ],
    ['an ID token of Keycloak', () => token({ typ: 'JWT' }, { iss: OTHER, typ: 'ID' }, other.privateKey)],
    [
      'a refresh token of Keycloak',
      () => token({ typ: 'JWT' }, { iss: OTHER, typ: 'Refresh' }, other.privateKey),
    ],
    [
      'an ID token of Cognito',
      () => token({ typ: 'JWT' }, { iss: OTHER, token_use: 'id' }, other.privateKey),
    ],
    ['a logout token', () => token({ typ: 'JWT' }, { iss: OTHER, events: {} }, other.privateKey)],
    ['expired', () => token({}, { exp: now() - 31 })],
    ['expired for years', () => token({}, { exp: 1 })],
    ['no exp', () => token({}, { exp: undefined })],
    ['exp as text', () => token({}, { exp: String(now() + 600) })],
    ['not yet valid', () => token({}, { nbf: now() + 300 })],
    ['issued in the future', () => token({}, { iat: now() + 300 })],
    ['no aud', () => token({}, { aud: undefined })],
    ['an empty aud', () => token({}, { aud: [] })],
    ['another aud', () => token({}, { aud: 'https://mcp.example.com/other' })],
    ['aud with a slash at the end', () => token({}, { aud: `${OURS}/` })],
    ['aud without the path', () => token({}, { aud: 'https://mcp.example.com' })],
    ['aud in capitals', () => token({}, { aud: 'https://MCP.example.com/mcp' })],
    ['aud over http', () => token({}, { aud: 'http://mcp.example.com/mcp' })],
    ['aud that only begins like ours', () => token({}, { aud: `${OURS}.evil.example` })],
    ['aud as an object', () => token({}, { aud: { [OURS]: true } })],
    ['aud with ours inside a text', () => token({}, { aud: `https://a.example ${OURS}` })],
    ['another issuer', () => token({}, { iss: 'https://evil.example' })],
    ['an issuer with a slash at the end', () => token({}, { iss: `${ISSUER}/` })],
    ['no issuer', () => token({}, { iss: undefined })],
    ['issuers as a list', () => token({}, { iss: [ISSUER] })],
    ['an issuer called __proto__', () => token({}, { iss: '__proto__' })],
    ['the key of another issuer with the same kid', () => token({}, {}, other.privateKey)],
    ["another issuer's name on our issuer's token", () => token({}, { iss: OTHER })],
    ['no sub', () => token({}, { sub: undefined })],
    ['an empty sub', () => token({}, { sub: '' })],
    ['sub as a number', () => token({}, { sub: 1 })],
    ['revoked', () => token({}, { jti: 'revoked' })],
    [
      'a changed claim',
      () =>
        parts(([h = '', c = '', s = '']) => [
          h,
          encode({ ...(JSON.parse(Buffer.from(c, 'base64url').toString()) as object), sub: 'admin' }),
          s,
        ]),
    ],
    ['a changed header', () => parts(([, c = '', s = '']) => [encode({ ...HEADER, x: 1 }), c, s])],
    [
      'a changed signature',
      () => parts(([h = '', c = '', s = '']) => [h, c, (s.startsWith('A') ? 'B' : 'A') + s.slice(1)]),
    ],
    ['a truncated signature', () => token().slice(0, -10)],
    [
      'of no allowed domain',
      () => token({}, { iss: `${OTHER}/strict`, roles: ['dev'], email: 'a@evil.example' }, other.privateKey),
    ],
    [
      'of an allowed domain that was not verified',
      () =>
        token(
          {},
          { iss: `${OTHER}/strict`, roles: ['dev'], email: 'a@example.com', email_verified: false },
          other.privateKey,
        ),
    ],
    [
      'of a domain that only ends like it',
      () =>
        token({}, { iss: `${OTHER}/strict`, roles: ['dev'], email: 'a@evilexample.com' }, other.privateKey),
    ],
    [
      'without an allowed role',
      () => token({}, { iss: `${OTHER}/strict`, email: 'a@example.com' }, other.privateKey),
    ],
  ];

  it('comes in many shapes', () => {
    expect(FORGED.length).toBeGreaterThanOrEqual(40);
  });

  it.each(FORGED)('%s', async (_what, make) => {
    expect(await ask(make())).toMatchObject({ refused: 'invalid_token' });
  });

  it.each<[string, () => string]>([
    ['two parts', () => token().split('.', 2).join('.')],
    ['four parts', () => `${token()}.x`],
    ['JSON serialisation', () => JSON.stringify({ payload: 'x', signatures: [] })],
    ['base64 with padding', () => parts(([h = '', ...rest]) => [`${h}==`, ...rest])],
    ['claims that are no object', () => parts(([h = '', , s = '']) => [h, encode('[]'), s])],
    ['a line break', () => `${token()}\n`],
    ['a giant', () => token({}, { x: 'x'.repeat(20_000) })],
    ['nothing', () => ''],
  ])('%s is no token at all', async (_what, make) => {
    expect(await who(make())).toBeUndefined();
  });

  it('with the domain and the role that are asked for is taken', async () => {
    const claims = { iss: `${OTHER}/strict`, roles: ['dev'], email: 'A@Example.com' };
    expect(await who(token({}, claims, other.privateKey))).toMatchObject({ email: 'a@example.com' });
  });
});
