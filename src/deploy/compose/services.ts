import type { Config } from '../../config/schema.ts';
import { IMAGE_CONFIG, IMAGE_HOME } from '../dockerfile.ts';
import { pinned } from '../image.ts';
import type { Site } from '../site.ts';
import type { Asked, ImageName } from '../target.ts';

/** What every container of the stack is run with. */
const CONFINED = [
  'restart: unless-stopped',
  'read_only: true',
  'cap_drop: [ALL]',
  'security_opt: [no-new-privileges:true]',
];
const LOGS = ['logging:', '  driver: json-file', '  options: { max-size: 10m, max-file: "5" }'];

/** The gateway. It faces the internet only where it has TLS of its own. */
export function appService(config: Config, asked: Asked): string[] {
  const { listen } = config;
  const variables = asked.references.variables.map(
    ({ name, required }) => `  ${name}: \${${name}:${required ? '?the config needs it' : '-'}}`,
  );
  const published = listen.tls
    ? [
        `${listen.port}:${listen.port}`,
        ...(listen.tls.redirect ? [`${listen.tls.redirect.port}:${listen.tls.redirect.port}`] : []),
      ]
    : [];
  const privileged =
    published.length > 0 && (listen.port < 1024 || (listen.tls?.redirect?.port ?? 1024) < 1024);
  return service('app', [
    'build:',
    '  context: .',
    ...(asked.images.node === undefined
      ? ['  args:', '    NODE_IMAGE: ${NODE_IMAGE:?the image of Node with its digest}']
      : []),
    'image: sallyport',
    ...CONFINED,
    ...(privileged
      ? ['# Ports below 1024 without being root.', 'sysctls: { net.ipv4.ip_unprivileged_port_start: 0 }']
      : []),
    'init: true',
    'tmpfs: [/tmp]',
    'mem_limit: 1g',
    'pids_limit: 1024',
    ...(variables.length > 0 ? ['environment:', ...variables] : []),
    ...(asked.references.credentials.length > 0
      ? ['secrets:', ...asked.references.credentials.map((name) => `  - ${name}`)]
      : []),
    'volumes:',
    `  - ./sallyport.yaml:${IMAGE_CONFIG}/sallyport.yaml:ro`,
    `  - state:${IMAGE_HOME}`,
    `networks: [${listen.tls ? 'front' : 'back'}]`,
    ...(published.length > 0 ? ['ports:', ...published.map((port) => `  - "${port}"`)] : []),
    ...LOGS,
  ]);
}

/** As root it binds the ports and reads the certificates; its workers are nobody. */
export function nginxService(asked: Asked): string[] {
  return service('nginx', [
    `image: ${imageOf(asked, 'nginx')}`,
    ...CONFINED,
    'cap_add: [CHOWN, SETGID, SETUID, NET_BIND_SERVICE, DAC_READ_SEARCH]',
    'entrypoint: [/bin/sh, /etc/sallyport/start.sh, "/etc/letsencrypt/live/sallyport/fullchain.pem"]',
    'tmpfs: [/etc/nginx/conf.d, /var/cache/nginx, /run, /tmp]',
    'volumes:',
    '  - ./nginx:/etc/sallyport:ro',
    '  - certificates:/etc/letsencrypt:ro',
    '  - acme:/var/www/acme:ro',
    'depends_on: [app]',
    'healthcheck: { test: [CMD-SHELL, test -s /run/nginx.pid], interval: 5s, start_period: 10s }',
    'networks: [front, back]',
    'ports:',
    `  - "${asked.httpPort}:80"`,
    `  - "${asked.httpsPort}:443"`,
    ...LOGS,
  ]);
}

/** Gets the certificate, and looks twice a day whether it has to be renewed. nginx sees by itself that it was. */
export function certbotService({ hostname }: Site, asked: Asked): string[] {
  const request = [
    'certbot certonly --non-interactive --agree-tos --keep-until-expiring',
    '--webroot --webroot-path /var/www/acme --cert-name sallyport',
    `--email "$$ACME_EMAIL" --domain ${hostname}`,
  ].join(' ');
  return service('certbot', [
    `image: ${imageOf(asked, 'certbot')}`,
    ...CONFINED,
    'environment:',
    '  ACME_EMAIL: ${ACME_EMAIL:?where the authority may write to}',
    'entrypoint: [/bin/sh, -c]',
    'command:',
    '  - |',
    "    trap 'exit 0' TERM",
    '    while :; do',
    '      wait=12h',
    `      ${request} || wait=15m`,
    '      sleep $$wait & wait $$!',
    '    done',
    'tmpfs: [/tmp, /var/lib/letsencrypt, /var/log/letsencrypt]',
    'volumes:',
    '  - certificates:/etc/letsencrypt',
    '  - acme:/var/www/acme',
    'depends_on: { nginx: { condition: service_healthy } }',
    'networks: [front]',
    ...LOGS,
  ]);
}

/** Files of the folder `secrets`, one for each credential that the configuration names. */
export function secretsSection({ references }: Asked): string[] {
  if (references.credentials.length === 0) return [];
  return ['', 'secrets:', ...references.credentials.map((name) => `  ${name}: { file: ./secrets/${name} }`)];
}

function imageOf({ images }: Asked, name: ImageName): string {
  const given = images[name];
  return given === undefined
    ? `\${${name.toUpperCase()}_IMAGE:?the image with its digest}`
    : pinned(given, `--image ${name}=`);
}

function service(name: string, lines: readonly string[]): string[] {
  return [`  ${name}:`, ...lines.map((line) => `    ${line}`), ''];
}
