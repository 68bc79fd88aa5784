import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An authorization server of somebody else, as far as a resource server looks at one: metadata, keys, introspection. */
export interface TestIssuer extends AsyncDisposable {
  readonly issuer: string;
  /** A token that it signed. */
  token(claims?: object, header?: object): string;
  /** From now on it signs with another key, and publishes only that one. */
  rotate(): void;
  /** What it says of tokens that are no JWT. */
  readonly opaque: Map<string, object>;
  /** Paths that were asked for. */
  readonly asked: string[];
}

const ID = 'test-client';
const SECRET = 'test-secret-of-the-client';
export const INTROSPECTION_CLIENT = { clientId: ID, clientSecret: SECRET };

/** Starts one on loopback. */
export async function startIssuer(): Promise<TestIssuer> {
  const asked: string[] = [];
  const opaque = new Map<string, object>();
  let keys = newKeys(1);
  const server = createServer((req, res) => {
    const path = req.url ?? '';
    asked.push(path);
    const send = (value: unknown, status = 200): void =>
      void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (path === '/realms/a/.well-known/openid-configuration')
      return send({ issuer, jwks_uri: `${origin}/keys` });
    if (path === '/keys')
      return send({ keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: keys.kid, alg: 'RS256' }] });
    if (path !== '/introspect') return send({}, 404);
    let body = '';
    req.setEncoding('utf8').on('data', (text: string) => (body += text));
    req.on('end', () => {
      const isClient =
        req.headers.authorization === `Basic ${Buffer.from(`${ID}:${SECRET}`).toString('base64')}`;
      const known = opaque.get(new URLSearchParams(body).get('token') ?? '') ?? { active: false };
      send(isClient ? known : {}, isClient ? 200 : 401);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = `${origin}/realms/a`;
  return {
    issuer,
    opaque,
    asked,
    token(claims = {}, header = {}) {
      const now = Math.floor(Date.now() / 1000);
      const times = { iat: now, exp: now + 600 };
      return signed(
        { alg: 'RS256', typ: 'JWT', kid: keys.kid, ...header },
        { iss: issuer, sub: 'u1', ...times, ...claims },
        keys.privateKey,
      );
    },
    rotate() {
      keys = newKeys(Number(keys.kid) + 1);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function newKeys(number: number): { privateKey: KeyObject; publicKey: KeyObject; kid: string } {
  return { ...generateKeyPairSync('rsa', { modulusLength: 2048 }), kid: String(number) };
}

function signed(header: object, claims: object, key: KeyObject): string {
  const [head, body] = [header, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const signature = createSign('sha256').update(`${head}.${body}`).sign(key).toString('base64url');
  return `${head}.${body}.${signature}`;
}
