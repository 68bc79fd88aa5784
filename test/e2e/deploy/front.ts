import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { certify } from '../../support/certificates.ts';
import { type Config, type Gateway, sallyport } from '../../support/gateway.ts';
import { freePorts } from '../../support/pebble.ts';
import { eventually, type Program, start, temporaryFolder } from '../../support/processes.ts';

/** Where nginx is; undefined: nowhere, or there is nothing to make a certificate with. */
export const NGINX: string | undefined =
  spawnSync('openssl', ['version']).status === 0
    ? ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx'].find(
        (path) => spawnSync(path, ['-v']).status === 0,
      )
    : undefined;
if (NGINX === undefined)
  process.stderr.write('\n  SKIPPED: nginx in front of the gateway: nginx or openssl is not installed\n\n');

/** What a request through the front may say. */
export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A running nginx with the files that `sallyport deploy nginx` wrote. */
export interface Front extends AsyncDisposable {
  readonly port: number;
  readonly httpPort: number;
  readonly folder: string;
  readonly acmeRoot: string;
  readonly nginx: Program;
  /** One request on a connection of its own. */
  ask(path: string, asked?: Asked): Promise<Answered>;
  /** The same, as soon as the head of the answer is there. */
  open(path: string, asked?: Asked): Promise<IncomingMessage>;
  /** The lines of the access log. */
  log(): Record<string, unknown>[];
}

export interface FrontOptions {
  /** HOST:PORT of the gateways. */
  readonly instances: readonly string[];
  readonly ports: { readonly http: number; readonly https: number };
  readonly config: Config;
  /** More arguments of `deploy`. */
  readonly args?: readonly string[];
}

/** Ports for a front; the address of the gateway behind has to be known before either starts. */
export async function frontPorts(): Promise<FrontOptions['ports']> {
  const [http = 0, https = 0] = await freePorts(2);
  return { http, https };
}

/** Writes the files with the real command, and starts nginx with them. */
export async function startFront({ instances, ports, config, args = [] }: FrontOptions): Promise<Front> {
  const temporary = temporaryFolder();
  const folder = temporary.path;
  const acmeRoot = join(folder, 'acme');
  mkdirSync(join(acmeRoot, '.well-known/acme-challenge'), { recursive: true });
  const { cert, key } = certify(folder, { names: ['localhost'] });
  const file = join(folder, 'sallyport.json');
  writeFileSync(file, JSON.stringify(config));
  const written = await sallyport([
    ...`deploy nginx --config ${file} --out ${join(folder, 'site')} --no-ipv6`.split(' '),
    ...instances.flatMap((instance) => ['--instance', instance]),
    ...`--http-port ${ports.http} --https-port ${ports.https} --acme-root ${acmeRoot}`.split(' '),
    ...`--certificate ${cert} --key ${key} --logs ${folder}`.split(' '),
    ...args,
  ]);
  if (written.code !== 0) throw new Error(`deploy: ${written.stderr}`);
  const nginx = startNginx(folder, join(folder, 'site'));
  await eventually('nginx listens', () => canConnect(ports.https), 20_000).catch((error: unknown) => {
    throw new Error(nginx.stderr(), { cause: error });
  });
  return {
    port: ports.https,
    httpPort: ports.http,
    folder,
    acmeRoot,
    nginx,
    open: (path, asked) => open(ports.https, path, asked),
    async ask(path, asked) {
      const response = await open(ports.https, path, asked);
      let text = '';
      for await (const piece of response.setEncoding('utf8')) text += String(piece);
      return { status: response.statusCode ?? 0, headers: response.headers, text };
    },
    log: () =>
      readFileSync(join(folder, 'sallyport.log'), 'utf8')
        .trim()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    async [Symbol.asyncDispose]() {
      await nginx.stop();
      temporary.remove();
    },
  };
}

/** HOST:PORT where a gateway listens, whatever its public address is. */
export function listeningOf({ ready }: Pick<Gateway, 'ready'>): string {
  const { host, port } = ready['listening'] as { host: string; port: number };
  return `${host}:${port}`;
}

/** nginx with the sites of a folder, as a program of whoever runs the test. */
export function startNginx(folder: string, sites: string): Program {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const main = [
    // As root, nginx would give its workers to a user that may not read the folder of a test.
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    `daemon off; pid ${folder}/nginx.pid; error_log stderr; worker_processes 1;`,
    `events {} http { ${temporary.join(' ')} include ${sites}/*.conf; }`,
  ];
  writeFileSync(join(folder, 'nginx.conf'), main.join('\n'));
  return start(NGINX ?? 'nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')]);
}

/** @returns undefined where nobody listens */
export function canConnect(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(undefined));
  });
}

function open(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: Asked = {},
): Promise<IncomingMessage> {
  const given = Object.entries({
    accept: 'application/json, text/event-stream',
    host: `localhost:${port}`,
    ...headers,
  });
  const all = Object.fromEntries(
    given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return new Promise((resolve, reject) => {
    // The certificate signed itself; what it says is looked at elsewhere.
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: all,
      servername: 'localhost',
      agent: false,
    };
    httpsRequest({ ...options, rejectUnauthorized: false }, resolve)
      .on('error', reject)
      .end(body);
  });
}
