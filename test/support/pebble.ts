import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { certify } from './certificates.ts';
import { eventually, start, temporaryFolder } from './processes.ts';

/** Why the tests of ACME cannot run here; undefined: they can. */
export const PEBBLE_MISSING: string | undefined = ['pebble', 'pebble-challtestsrv', 'openssl'].find(
  (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
);

/** Pebble, the authority of Let's Encrypt for tests, and a DNS that leads every name to 127.0.0.1. */
export interface Pebble extends AsyncDisposable {
  readonly directory: string;
  /** PEM: what the directory's own certificate is checked with. */
  readonly ca: string;
  /** Where it looks for the answers to challenges. */
  readonly httpPort: number;
  readonly tlsPort: number;
  /** PEM: what the certificates that it gives out are checked with. */
  root(): Promise<string>;
  log(): string;
}

export interface PebbleOptions {
  /** How long its certificates are good, in seconds. */
  readonly validitySeconds?: number;
  /** Of a hundred nonces, how many it refuses, as an authority may. The certbot 2.1 of Debian 12 breaks at the first one. */
  readonly refusedNonces?: number;
}

export async function startPebble({
  validitySeconds = 7_776_000,
  refusedNonces = 20,
}: PebbleOptions = {}): Promise<Pebble> {
  const folder = temporaryFolder();
  const [
    directoryPort = 0,
    managementPort = 0,
    httpPort = 0,
    tlsPort = 0,
    dnsPort = 0,
    dnsManagementPort = 0,
  ] = await freePorts(6);
  const { cert: ca, key } = certify(folder.path, { names: ['localhost'] });
  const config = join(folder.path, 'pebble.json');
  writeFileSync(
    config,
    JSON.stringify({
      pebble: {
        listenAddress: `127.0.0.1:${directoryPort}`,
        managementListenAddress: `127.0.0.1:${managementPort}`,
        certificate: ca,
        privateKey: key,
        httpPort,
        tlsPort,
        ocspResponderURL: '',
        externalAccountBindingRequired: false,
        certificateValidityPeriod: validitySeconds,
      },
    }),
  );
  const own = `-dns01 127.0.0.1:${dnsPort} -management 127.0.0.1:${dnsManagementPort}`.split(' ');
  const none = ['-defaultIPv6', '-http01', '-https01', '-tlsalpn01'].flatMap((option) => [option, '']);
  const dns = start('pebble-challtestsrv', ['-defaultIPv4', '127.0.0.1', ...none, ...own]);
  const pebble = start('pebble', ['-config', config, '-dnsserver', `127.0.0.1:${dnsPort}`], {
    env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: String(refusedNonces) },
  });
  const directory = `https://localhost:${directoryPort}/dir`;
  await eventually('pebble answers', () => fetchText(directory, ca).catch(() => undefined), 20_000);
  return {
    directory,
    ca,
    httpPort,
    tlsPort,
    root: () => fetchText(`https://localhost:${managementPort}/roots/0`, ca),
    log: () => pebble.stdout() + pebble.stderr(),
    async [Symbol.asyncDispose]() {
      await Promise.all([pebble.stop(1000), dns.stop(1000)]);
      folder.remove();
    },
  };
}

function fetchText(url: string, caFile: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { ca: readFileSync(caFile), agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve(text)).on('error', reject);
    }).on('error', reject);
  });
}

/** Below the ports that Linux gives to whoever asks for any: no other test can be given one before it is used. */
const FIRST_PORT = 15_000;
const PORTS = 17_000;

/** Ports of 127.0.0.1 that nobody listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
