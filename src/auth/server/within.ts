import type { IncomingMessage, ServerResponse } from 'node:http';
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import { addressOf } from '../../config/own-address.ts';
import type { Config } from '../../config/schema.ts';
import { type OwnAuthorization, TEST_SCOPE } from '../../core/own-authorization.ts';
import type { Records } from '../../store/records.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Issuer } from '../jwt.ts';
import { DEFAULT_SCOPE } from './configuration.ts';
import { countsOf } from './counts.ts';
import { HELLO, sayHello } from './hello.ts';
import { targetOf } from './resource.ts';
import { testAudience } from './test-token.ts';
import { type AuthorizationServer, openAuthorizationServer } from './server.ts';

/** The authorization server within a gateway, and what the gateway needs to take its tokens. */
export interface Within {
  readonly issuer: Issuer;
  readonly handle: (req: IncomingMessage, res: ServerResponse, address: string | undefined) => boolean;
  /** Grows when something may have been revoked. */
  readonly version: () => number;
  /** The path of the example, and its answer to somebody who was let in. */
  readonly hello: string;
  readonly sayHello: typeof sayHello;
  readonly own: OwnAuthorization;
  readonly close: () => Promise<void>;
}

/**
 * Opens it as the configuration has it.
 * @param find the store; it has to be there
 */
export async function openWithin(
  { auth, publicUrl, listen }: Config,
  find: (() => Promise<Records | undefined>) | undefined,
  log: Logger,
): Promise<Within | undefined> {
  const config = auth?.server;
  if (!config) return undefined;
  const records = await find?.();
  if (!records) throw new Error('an authorization server needs a store');
  const base = (publicUrl ?? addressOf(listen)).replace(/\/$/, '');
  const issuer = (config.issuer ?? base).replace(/\/$/, '');
  const hello = `${prefixOf(publicUrl)}${HELLO}`;
  const server = await openAuthorizationServer({ issuer, resources: [base], config, records, log });
  return {
    issuer: ownIssuer(server, base, hello),
    handle: (req, res, address) => server.handle(req, res, address),
    version: () => server.version(),
    hello,
    sayHello,
    own: {
      issuer,
      counts: () => countsOf(records),
      testToken: (seconds) => server.testToken(seconds),
    },
    close: () => server.close(),
  };
}

/** Its tokens are checked as everybody else's, with the public halves of its keys. */
function ownIssuer(server: AuthorizationServer, base: string, hello: string): Issuer {
  return {
    issuer: server.issuer,
    keys: keysOf(server),
    algorithms: ['ES256', 'RS256'],
    // It is the clock of this machine.
    clockSkew: 0,
    types: ['at+jwt'],
    scopes: [DEFAULT_SCOPE],
    claims: { user: 'preferred_username', email: 'email', roles: ['roles'] },
    allow: {},
    audience(named) {
      // One that tries things out opens the example, and nothing that the others open.
      if (named.includes(testAudience(base)))
        return named.length === 1 ? { only: hello, scopes: [TEST_SCOPE] } : 'none';
      const targets = named.flatMap((aud) => targetOf(aud, base) ?? []);
      const [first] = targets;
      if (!first) return 'none';
      const { server: only } = first;
      return only === undefined || targets.length > 1 ? 'all' : { only };
    },
    isRevoked: (jti) => server.isRevoked(jti),
  };
}

function keysOf(server: AuthorizationServer): JWTVerifyGetKey {
  let read: Awaited<ReturnType<AuthorizationServer['jwks']>> | undefined;
  let keys: JWTVerifyGetKey | undefined;
  return async (header, token) => {
    const now = await server.jwks();
    if (now !== read || !keys) {
      read = now;
      keys = createLocalJWKSet(now);
    }
    return keys(header, token);
  };
}

function prefixOf(publicUrl: string | undefined): string {
  return publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/$/, '');
}
