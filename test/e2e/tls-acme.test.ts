import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { peerOf } from '../support/https.ts';
import { type Pebble, PEBBLE_MISSING, startPebble } from '../support/pebble.ts';
import { temporaryFolder } from '../support/processes.ts';

if (PEBBLE_MISSING !== undefined)
  console.warn(`NOT TESTED: certificates of an authority, since there is no ${PEBBLE_MISSING} here.`);

const DOMAIN = 'mcp.test';
const SERVERS = { net: { builtin: 'net' } };

describe.skipIf(PEBBLE_MISSING !== undefined)('a certificate of an authority (pebble)', () => {
  let pebble: Pebble;
  beforeAll(async () => {
    pebble = await startPebble();
  }, 60_000);
  afterAll(async () => {
    await pebble[Symbol.asyncDispose]();
  });

  /** A gateway whose TLS is at the port where pebble looks. */
  const started = (acme: object = {}, { at = pebble, redirect = true, home = '' } = {}) =>
    startGateway({
      config: {
        listen: {
          tls: {
            acme: {
              domains: [DOMAIN],
              email: 'me@example.com',
              directory: at.directory,
              ca: at.ca,
              termsAgreed: true,
              ...acme,
            },
            redirect: redirect && `127.0.0.1:${at.httpPort}`,
          },
        },
        publicUrl: `https://${DOMAIN}:${at.tlsPort}`,
        mcpServers: SERVERS,
      },
      args: ['--listen', `127.0.0.1:${at.tlsPort}`],
      ...(home !== '' && { env: { SALLYPORT_HOME: home } }),
    });

  it('is ordered at port 80, shown, and kept for its owner only', async () => {
    using home = temporaryFolder();
    await using gateway = await started({}, { home: home.path });
    expect(gateway.endpoint).toBe(`https://${DOMAIN}:${pebble.tlsPort}/mcp`);
    const peer = await peerOf(pebble.tlsPort, { name: DOMAIN, ca: await pebble.root() });
    expect(peer.subjectaltname).toBe(`DNS:${DOMAIN}`);
    const folder = join(home.path, 'tls', `localhost_${new URL(pebble.directory).port}_dir`);
    expect(readdirSync(folder).toSorted()).toEqual(['account.pem', `domain-${DOMAIN}.pem`]);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  }, 60_000);
});
