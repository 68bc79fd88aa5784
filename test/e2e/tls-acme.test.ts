import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectV2 } from '../support/clients.ts';
import { child, type Gateway, startGateway } from '../support/gateway.ts';
import { fetchLocally, getSecure, peerOf } from '../support/https.ts';
import { freePorts, type Pebble, PEBBLE_MISSING, startPebble } from '../support/pebble.ts';
import { eventually, temporaryFolder } from '../support/processes.ts';

if (PEBBLE_MISSING !== undefined)
  console.warn(`NOT TESTED: certificates of an authority, since there is no ${PEBBLE_MISSING} here.`);

const DOMAIN = 'mcp.test';

interface Wanted {
  /** Of `tls.acme`, besides what all have. */
  readonly acme?: object;
  readonly redirect?: string | false;
  readonly home?: string;
}

/** A gateway whose TLS, and whose http, are at the ports where pebble looks. */
function startAt(pebble: Pebble, { acme = {}, redirect, home }: Wanted = {}): Promise<Gateway> {
  const { directory, ca, tlsPort, httpPort } = pebble;
  return startGateway({
    config: {
      listen: {
        tls: {
          acme: { domains: [DOMAIN], email: 'me@example.com', directory, ca, termsAgreed: true, ...acme },
          redirect: redirect ?? `127.0.0.1:${httpPort}`,
        },
      },
      publicUrl: `https://${DOMAIN}:${tlsPort}`,
      mcpServers: { child: child() },
    },
    args: ['--listen', `127.0.0.1:${tlsPort}`],
    ...(home !== undefined && { env: { SALLYPORT_HOME: home } }),
  });
}

describe.skipIf(PEBBLE_MISSING !== undefined)('a certificate of an authority (pebble)', () => {
  let pebble: Pebble;
  let ca: string;
  beforeAll(async () => {
    pebble = await startPebble();
    ca = await pebble.root();
  }, 60_000);
  afterAll(async () => {
    await pebble[Symbol.asyncDispose]();
  });

  it('is ordered at port 80, kept for its owner only, and taken again at the next start', async () => {
    using home = temporaryFolder();
    const first = await startAt(pebble, { acme: { challenge: 'http-01' }, home: home.path });
    expect(first.endpoint).toBe(`https://${DOMAIN}:${pebble.tlsPort}/mcp`);
    const { subjectaltname, serialNumber } = await peerOf(pebble.tlsPort, { name: DOMAIN, ca });
    expect(subjectaltname).toBe(`DNS:${DOMAIN}`);
    await first.stop();

    const folder = join(home.path, 'tls', `localhost_${new URL(pebble.directory).port}_dir`);
    expect(readdirSync(folder).toSorted()).toEqual(['account.pem', `domain-${DOMAIN}.pem`]);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const key = /-----BEGIN PRIVATE KEY-----\s+(\S+)/.exec(readFileSync(join(folder, 'account.pem'), 'utf8'));
    expect(first.program.stderr()).not.toContain(key?.[1] ?? 'no key');

    await using again = await startAt(pebble, { home: home.path });
    expect((await peerOf(pebble.tlsPort, { name: DOMAIN, ca })).serialNumber).toBe(serialNumber);
    expect(again.program.stderr()).not.toContain('ordering a certificate');
  }, 60_000);

  it('is ordered at port 443 where there is no http, and clients of MCP call tools by it', async () => {
    await using gateway = await startAt(pebble, { redirect: false });
    const { endpoint, token } = gateway;
    await using client = await connectV2({ endpoint, token, fetch: fetchLocally(ca) }, 'modern');
    const { content } = await client.call('echo', { text: 'hello' });
    expect(content[0]?.text).toContain('hello');
    expect(gateway.program.stderr()).toContain('"challenge":"tls-alpn-01"');
  }, 60_000);

  it('is one for each domain, shown by name', async () => {
    const domains = ['one.test', 'two.test', 'bücher.test'];
    await using gateway = await startAt(pebble, { acme: { domains } });
    expect(gateway.ready['certificates']).toHaveLength(3);
    for (const name of ['two.test', 'one.test', 'xn--bcher-kva.test'])
      expect((await peerOf(pebble.tlsPort, { name, ca })).subjectaltname).toBe(`DNS:${name}`);
    await expect(peerOf(pebble.tlsPort, { name: 'three.test', ca })).rejects.toThrow(/not in the cert/);
  }, 60_000);

  it('that cannot be had is told of, everywhere, and leaves no false one', async () => {
    const [elsewhere] = await freePorts(1);
    // Pebble looks at a port where nobody is.
    await using gateway = await startAt(pebble, {
      acme: { challenge: 'http-01' },
      redirect: `127.0.0.1:${elsewhere}`,
    });
    const line = await eventually('the log tells of it', () =>
      gateway.program
        .stderr()
        .split('\n')
        .find((each) => each.includes('no new certificate')),
    );
    expect(JSON.parse(line)).toMatchObject({
      level: 'warn',
      domain: DOMAIN,
      problem: expect.stringMatching(
        /looked for mcp\.test \(http-01\).*Port 80 of mcp\.test has to lead here/s,
      ),
      retryInMinutes: expect.any(Number),
    });
    await expect(peerOf(pebble.tlsPort, { name: DOMAIN, ca })).rejects.toThrow();
    expect(gateway.ready['certificates']).toEqual([
      expect.objectContaining({ name: DOMAIN, problem: expect.stringContaining('Port 80') }),
    ]);
  }, 60_000);
});

describe.skipIf(PEBBLE_MISSING !== undefined)('a certificate that gets old', () => {
  it('is replaced in the midst of a stream', async () => {
    await using pebble = await startPebble({ validitySeconds: 9 });
    await using gateway = await startAt(pebble, { redirect: false });
    const ca = await pebble.root();
    const first = await peerOf(pebble.tlsPort, { name: DOMAIN, ca });
    const { endpoint, token } = gateway;
    await using client = await connectV2({ endpoint, token, fetch: fetchLocally(ca) }, 'modern');
    let steps = 0;
    const call = client.call(
      'progress',
      { steps: 100, delayMs: 100 },
      { onprogress: () => void (steps += 1) },
    );
    const isNew = async (): Promise<boolean> =>
      (await peerOf(pebble.tlsPort, { name: DOMAIN, ca })).serialNumber !== first.serialNumber;
    await eventually('another certificate is shown', isNew, 20_000);
    const before = steps;
    expect((await call).content[0]?.text).toBe('done');
    expect(before).toBeLessThan(100);
    expect(steps).toBe(100);
    const health = await getSecure(pebble.tlsPort, '/health/ready', { name: DOMAIN, ca });
    expect(JSON.parse(health.text)).toMatchObject({
      status: 'ready',
      certificates: [{ name: DOMAIN, state: 'valid', daysLeft: 0 }],
    });
  }, 60_000);
});
