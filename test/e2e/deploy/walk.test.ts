import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { child, sallyport, startGateway } from '../../support/gateway.ts';
import { PEBBLE_MISSING, startPebble } from '../../support/pebble.ts';
import { eventually, ROOT, start, temporaryFolder } from '../../support/processes.ts';
import { canConnect, frontPorts, listeningOf, NGINX, startNginx } from './front.ts';

const CERTBOT_MISSING = spawnSync('certbot', ['--version']).status !== 0;
const missing = PEBBLE_MISSING ?? (CERTBOT_MISSING ? 'certbot' : NGINX === undefined ? 'nginx' : undefined);
if (missing !== undefined)
  process.stderr.write(
    `\n  SKIPPED: from an empty folder to an HTTPS endpoint: ${missing} is not installed\n\n`,
  );

const NAME = 'mcp.test';
/** What is promised for the whole way. */
const TWO_MINUTES = 120_000;

describe.skipIf(missing !== undefined)(
  'from an empty folder (SKIPPED without nginx, certbot and pebble)',
  () => {
    it(
      'to an HTTPS endpoint behind nginx, with a certificate by certbot, a token and a tool call, in two minutes',
      async () => {
        const began = performance.now();
        const folder = temporaryFolder();
        onTestFinished(() => folder.remove());
        const at = (...path: string[]): string => join(folder.path, ...path);

        // The authority asks on the port that port 80 stands for here.
        await using pebble = await startPebble({ refusedNonces: 0 });
        const ports = { ...(await frontPorts()), http: pebble.httpPort };
        const config = {
          publicUrl: `https://${NAME}:${ports.https}`,
          trustedProxies: ['127.0.0.1'],
          mcpServers: { child: child() },
        };
        const file = at('sallyport.json');
        writeFileSync(file, JSON.stringify(config));
        const env = { SALLYPORT_HOME: at('home') };

        // 1. The gateway.
        await using gateway = await startGateway({ config, env });

        // 2. The files, and the half of them that needs no certificate.
        const live = at('letsencrypt/live', NAME);
        const written = await sallyport([
          ...`deploy nginx --config ${file} --out ${at('nginx')} --no-ipv6`.split(' '),
          ...`--instance ${listeningOf(gateway)} --http-port ${ports.http} --https-port ${ports.https}`.split(
            ' ',
          ),
          ...`--acme-root ${at('acme')} --logs ${folder.path}`.split(' '),
          ...`--certificate ${join(live, 'fullchain.pem')} --key ${join(live, 'privkey.pem')}`.split(' '),
        ]);
        expect(written).toMatchObject({ code: 0 });
        for (const each of ['acme', 'sites']) mkdirSync(at(each));
        const enable = (name: string): void => void spawnSync('cp', [at('nginx', name), at('sites')]);
        enable('sallyport-http.conf');
        const nginx = startNginx(folder.path, at('sites'));
        onTestFinished(async () => void (await nginx.stop()));
        await eventually('nginx serves port 80', () => canConnect(ports.http), 20_000);

        // 3. The certificate, and the other half.
        const certbot = start(
          'certbot',
          [
            ...`certonly --non-interactive --agree-tos --register-unsafely-without-email --domain ${NAME}`.split(
              ' ',
            ),
            ...`--webroot --webroot-path ${at('acme')} --server ${pebble.directory}`.split(' '),
            ...`--config-dir ${at('letsencrypt')} --work-dir ${at('work')} --logs-dir ${at('logs')}`.split(
              ' ',
            ),
          ],
          { env: { ...process.env, REQUESTS_CA_BUNDLE: pebble.ca } },
        );
        const { code } = await certbot.ended;
        if (code !== 0) throw new Error(certbot.stdout() + certbot.stderr());
        enable('sallyport.conf');
        process.kill(nginx.pid, 'SIGHUP');
        await eventually('nginx serves port 443', () => canConnect(ports.https), 20_000);

        // 4. A token, and a tool call from outside, by somebody who checks the certificate.
        const made = await sallyport(['token', 'create', '--name', 'walk', '--json'], { env });
        expect(made).toMatchObject({ code: 0 });
        const { token } = JSON.parse(made.stdout) as { token: string };
        const root = at('root.pem');
        writeFileSync(root, await pebble.root());
        const outside = {
          ...env,
          NODE_EXTRA_CA_CERTS: root,
          NODE_OPTIONS: `--import ${resolver(at('hosts.mjs'))}`,
        };
        const called = await sallyport(
          ['call', 'echo', '{"text": "from outside"}', '--url', `${config.publicUrl}/mcp`, '--token', token],
          { env: outside },
        );
        expect(called).toMatchObject({ code: 0, stdout: expect.stringContaining('from outside') });

        // 5. The check that a monitor would make.
        const health = spawnSync(join(ROOT, 'scripts/health_check.sh'), [config.publicUrl], {
          encoding: 'utf8',
          env: { ...process.env, SALLYPORT_CA: root, HOME: curlHome(folder.path, ports.https) },
        });
        expect(health.stdout).toBe(`OK ${config.publicUrl}\n`);
        expect(performance.now() - began).toBeLessThan(TWO_MINUTES);
      },
      TWO_MINUTES + 30_000,
    );
  },
);

/** The name is in no DNS: this leads it to this machine, as a real one would be led to the server. */
function resolver(path: string): string {
  writeFileSync(
    path,
    `import dns from 'node:dns';
const real = dns.lookup;
dns.lookup = (name, options, done) => real(name === '${NAME}' ? '127.0.0.1' : name, options, done);
`,
  );
  return path;
}

function curlHome(folder: string, port: number): string {
  writeFileSync(join(folder, '.curlrc'), `resolve = "${NAME}:${port}:127.0.0.1"\n`);
  return folder;
}
