import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certify, type Certified } from '../support/certificates.ts';
import { child, type Config, type Gateway, sallyport, startGateway } from '../support/gateway.ts';
import { freePorts } from '../support/pebble.ts';
import { eventually, type Program, temporaryFolder } from '../support/processes.ts';
import { canConnect, listeningOf, NGINX, startNginx } from './deploy/front.ts';

const HOST = 'mcp.test';
const PUBLIC = `https://${HOST}`;
const LIMITS = { perAddress: { rate: '1000/s', burst: 1000 }, perUser: { rate: '1000/s', burst: 1000 } };

interface Outcome {
  name: string;
  verdict: 'ok' | 'warn' | 'fail' | 'skip';
  says: string;
  fix?: string;
}

/** The same certificate, over since yesterday. */
function expiredOf({ cert, key }: Certified): Certified {
  const old = cert.replace(/\.pem$/, '-expired.pem');
  execFileSync('openssl', ['x509', '-in', cert, '-signkey', key, '-days', '-1', '-out', old], {
    stdio: 'ignore',
  });
  return { cert: old, key, ca: readFileSync(old, 'utf8') };
}

describe.skipIf(NGINX === undefined)('sallyport doctor, behind nginx (SKIPPED without nginx)', () => {
  const folder = temporaryFolder();
  const site = join(folder.path, 'site');
  const configFile = join(folder.path, 'sallyport.json');
  let ports: { http: number; https: number; closed: number };
  let config: Config;
  let gateway: Gateway;
  let good: Certified;
  let expired: Certified;
  let nginx: Program | undefined;
  let home: string;

  beforeAll(async () => {
    const [http = 0, https = 0, closed = 0, metrics = 0] = await freePorts(4);
    ports = { http, https, closed };
    const started: Config = {
      publicUrl: PUBLIC,
      trustedProxies: ['127.0.0.1'],
      rateLimits: LIMITS,
      auth: { server: {} },
      metrics: { listen: `127.0.0.1:${metrics}` },
      mcpServers: { child: child() },
    };
    gateway = await startGateway({ config: started });
    config = { ...started, listen: listeningOf(gateway) };
    home = join(gateway.home, 'home');
    good = certify(folder.path, { names: [HOST] });
    expired = expiredOf(good);
    writeConfig(config);
    await deployed();
    await restartNginx();
  }, 60_000);
  afterAll(async () => {
    await nginx?.stop();
    await gateway?.stop();
    folder.remove();
  });

  function writeConfig(value: Config): void {
    writeFileSync(configFile, JSON.stringify(value));
  }

  /** The files as `sallyport deploy nginx` writes them; what a test changed is written over. */
  async function deployed(certificate = good): Promise<void> {
    mkdirSync(site, { recursive: true });
    const written = await sallyport([
      ...`deploy nginx --config ${configFile} --out ${site} --no-ipv6 --force --rate 500`.split(' '),
      ...`--instance ${listeningOf(gateway)} --http-port ${ports.http} --https-port ${ports.https}`.split(
        ' ',
      ),
      ...`--certificate ${certificate.cert} --key ${certificate.key} --logs ${folder.path}`.split(' '),
    ]);
    if (written.code !== 0) throw new Error(written.stderr);
    // Whoever asks from outside does not come from loopback, as everything in a test does.
    change((text) => text.replace(/ *allow "?127\.0\.0\.0\/8"?;\n/, ''));
  }

  function change(edit: (text: string) => string): void {
    const path = join(site, 'sallyport.conf');
    const before = readFileSync(path, 'utf8');
    const after = edit(before);
    if (after === before) throw new Error('nothing was changed');
    writeFileSync(path, after);
  }

  async function restartNginx(): Promise<void> {
    await nginx?.stop();
    const started = startNginx(folder.path, site);
    nginx = started;
    await eventually('nginx listens', () => canConnect(ports.https), 20_000).catch((error: unknown) => {
      throw new Error(started.stderr(), { cause: error });
    });
  }

  async function examine({
    args = [],
    https = ports.https,
    ca = good.cert,
    env = {},
  }: {
    args?: string[];
    https?: number;
    ca?: string;
    env?: Record<string, string>;
  } = {}): Promise<{ code: number | null; outcomes: Outcome[]; mended: string[]; ill: string[] }> {
    const { code, stdout, stderr } = await sallyport(
      [
        ...`doctor --json --config ${configFile} --public ${PUBLIC} --ca ${ca}`.split(' '),
        ...`--connect-to ${HOST}:443:127.0.0.1:${https} --connect-to ${HOST}:80:127.0.0.1:${ports.http}`.split(
          ' ',
        ),
        ...args,
      ],
      { env: { SALLYPORT_HOME: home, ...env }, timeoutMs: 90_000 },
    );
    if (stdout === '') throw new Error(stderr);
    const { outcomes, mended } = JSON.parse(stdout) as { outcomes: Outcome[]; mended: string[] };
    const ill = outcomes
      .filter(({ verdict }) => verdict === 'fail')
      .map(({ name, says }) => `${name}: ${says}`);
    return { code, outcomes, mended, ill };
  }

  function fixOf(outcomes: readonly Outcome[], name: string): string {
    return outcomes.find((each) => each.name === name)?.fix ?? '';
  }

  async function isWell(): Promise<void> {
    const { code, ill } = await examine();
    expect([code, ill]).toEqual([0, []]);
  }

  it('finds nothing wrong where nothing is, and looks at all of it', async () => {
    const { code, outcomes, ill } = await examine();
    expect(ill).toEqual([]);
    expect(code).toBe(0);
    const skipped = outcomes.filter(({ verdict }) => verdict === 'skip').map(({ name }) => name);
    expect(skipped).toEqual(['keys', 'audit-chain', 'audience', 'dns']);
    expect(outcomes.find(({ name }) => name === 'token')?.says).toContain('issued, signed, presented');
  }, 60_000);

  /** Faults of nginx, and what names them; what mends each is in the answer. */
  const faults: [fault: string, check: string, plant: (text: string) => string, fix: RegExp][] = [
    [
      'a wrong slash',
      'slash',
      (text) => text.replace(/location = "?\/mcp\/"? \{/, 'location = /elsewhere/ {'),
      /deploy nginx/,
    ],
    [
      'buffering on',
      'stream',
      (text) =>
        text.replaceAll(
          'proxy_buffering off;',
          'proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;',
        ),
      /proxy_buffering off;.*deploy nginx/,
    ],
    [
      'a wrong issuer',
      'server-metadata',
      (text) =>
        text.replace(
          '    location / {',
          `    location = /.well-known/oauth-authorization-server { default_type application/json; return 200 '{"issuer":"https://other.test"}'; }\n    location / {`,
        ),
      /pass \/\.well-known\/ on as it is/,
    ],
    [
      'a header that is not cleared',
      'identity-headers',
      (text) => text.replaceAll(/ *proxy_set_header X-User-Id "";\n/g, ''),
      /proxy_set_header x-user-id "";/,
    ],
    [
      'a redirect loop',
      'redirect',
      (text) =>
        text.replace(
          'server_tokens off;',
          'server_tokens off;\n    if ($http_x_forwarded_proto != "https") { return 301 https://$host$request_uri; }',
        ),
      /redirect in the server of port 80 only.*deploy nginx/,
    ],
    [
      'open metrics',
      'metrics-hidden',
      (text) => text.replace(/(location = "?\/metrics"? \{[^}]*?)deny all;/, '$1'),
      /allow and deny in its location: sallyport deploy nginx/,
    ],
  ];

  it.each(faults)(
    'names %s, and what mends it',
    async (_fault, check, plant, fix) => {
      change(plant);
      await restartNginx();
      const { code, outcomes, ill } = await examine();
      expect(ill).toEqual([expect.stringMatching(new RegExp(`^${check}: `))]);
      expect(code).toBe(1);
      expect(fixOf(outcomes, check)).toMatch(fix);
      await deployed();
      await restartNginx();
      await isWell();
    },
    90_000,
  );

  it('names an expired certificate, and what mends it', async () => {
    await deployed(expired);
    await restartNginx();
    const { outcomes, ill } = await examine({ ca: expired.cert });
    expect(ill).toEqual([expect.stringMatching(/^certificate: it expired on /)]);
    expect(fixOf(outcomes, 'certificate')).toContain('certbot renew');
    // A new certificate, and a proxy that reads it.
    await deployed();
    await restartNginx();
    await isWell();
  }, 90_000);

  it('names a closed port, and leaves out what follows from it', async () => {
    const { outcomes, ill } = await examine({ https: ports.closed });
    expect(ill).toEqual([
      expect.stringMatching(/^reachable: port 443 of mcp\.test does not open \(ECONNREFUSED\)/),
    ]);
    expect(fixOf(outcomes, 'reachable')).toContain('systemctl restart nginx');
    expect(outcomes.find(({ name }) => name === 'tool-call')?.says).toBe('reachable comes first');
  }, 60_000);

  it('names a loose mode, and --fix mends it', async () => {
    const file = join(home, 'token');
    chmodSync(file, 0o644);
    const { outcomes, ill } = await examine();
    expect(ill).toEqual([`modes: others may use ${file}`]);
    expect(fixOf(outcomes, 'modes')).toBe(`chmod go= '${file}'`);
    const fixed = await examine({ args: ['--fix'] });
    expect([fixed.ill, fixed.mended, fixed.code]).toEqual([[], [`chmod go= '${file}'`], 0]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }, 60_000);

  it('names a dead server with what it printed, and a config without it is well', async () => {
    const dead = { command: process.execPath, args: ['-e', 'console.error("no API key"); process.exit(3)'] };
    writeConfig({ ...config, mcpServers: { child: child(), dead } });
    const { outcomes, ill } = await examine();
    expect(ill).toEqual([expect.stringMatching(/^servers: dead: .*no API key/s)]);
    expect(fixOf(outcomes, 'servers')).toContain('mcpServers.dead');
    writeConfig(config);
    await isWell();
  }, 60_000);

  it('names a wrong clock', async () => {
    const shift = 'const now = Date.now; Date.now = () => now() + 600000;';
    const { outcomes, ill } = await examine({
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shift)}` },
    });
    expect(ill).toEqual([
      expect.stringMatching(/^clock: this machine is (?:599|600|601) s ahead of mcp\.test/),
    ]);
    expect(fixOf(outcomes, 'clock')).toBe('sudo timedatectl set-ntp true');
  }, 60_000);

  it('names a missing audience, and the line that mends it', async () => {
    const introspection = {
      url: 'https://id.test/introspect',
      issuer: 'https://id.test',
      clientId: 'gateway',
      clientSecret: 'a-secret-of-the-gateway',
    };
    writeConfig({ ...config, auth: { server: {}, introspection } });
    const { outcomes, ill } = await examine();
    expect(ill).toEqual([expect.stringMatching(/^audience: auth\.introspection has no audience/)]);
    expect(fixOf(outcomes, 'audience')).toContain(`audience: '${PUBLIC}/mcp'`);
    writeConfig({
      ...config,
      auth: { server: {}, introspection: { ...introspection, audience: `${PUBLIC}/mcp` } },
    });
    await isWell();
    writeConfig(config);
  }, 60_000);
});
