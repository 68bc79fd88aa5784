import { PRIVATE_BLOCKS } from '../../config/metrics.ts';
import type { Config } from '../../config/schema.ts';
import { type PublicPath, publicPaths } from '../paths.ts';
import { localAddress, proxyNotes, type Site, siteOf } from '../site.ts';
import { type Asked, DeployError, type Deployment, type Target, type Version } from '../target.ts';
import { addedHeaders, headerMaps, TOWARDS_GATEWAY } from './headers.ts';
import { type Instances, instances } from './instances.ts';
import { logFormat } from './log.ts';
import { nginxProof } from './proof.ts';
import { errorPages, errorPlaces } from './refusals.ts';
import { block, word } from './text.ts';

/** Older ones know no log with `escape=json` that is right, or no TLS 1.3. */
const OLDEST: Version = [1, 18, 0];
/** Where `http2` became a directive of its own. */
const HTTP2_DIRECTIVE: Version = [1, 25, 1];

/** The ciphers of TLS 1.2 with forward secrecy and authenticated encryption; TLS 1.3 has no others. */
const CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
];

/** Where `auth_request` asks. Not to be had from outside. */
const ASK = '/.sallyport/who';

export const nginx: Target = {
  name: 'nginx',
  summary: 'a reverse proxy with TLS, limits, and streams that are not held back',
  build: buildNginx,
  proofs: [nginxProof],
};

/**
 * Two files for the `http` level: port 80, which can serve before there is a certificate, and everything else.
 * Each goes into `conf.d` (nginx.org) or `sites-enabled` (Debian).
 */
export function buildNginx(config: Config, asked: Asked): Deployment {
  const { nginxVersion } = asked;
  if (nginxVersion && isBefore(nginxVersion, OLDEST))
    throw new DeployError(`nginx ${nginxVersion.join('.')} is too old`, ['take 1.18 or later']);
  if (asked.authRequest && !config.auth?.server)
    throw new DeployError('--auth-request asks the authorization server of the gateway, and there is none', [
      'add to the config:   auth: { server: {} }',
    ]);
  const site = siteOf(config);
  return {
    files: [
      { path: 'sallyport-http.conf', text: lines(plainServer(site, asked)) },
      { path: 'sallyport.conf', text: lines(secureServer(config, site, asked)) },
    ],
    notes: [
      ...(nginxVersion ? [] : ['The version of nginx is not known; --nginx-version 1.28 names it.']),
      ...proxyNotes(config, asked.instances.length > 0 ? 'the address of nginx' : '127.0.0.1'),
      ...(asked.authRequest
        ? ['With --auth-request each request counts twice in rateLimits.perUser: double it.']
        : []),
      ...(asked.basicAuth === undefined
        ? []
        : [
            'The password goes on to the gateway as well: let auth.basic of the config know the same ones. Clients with bearer tokens are kept out.',
          ]),
    ],
  };
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}

function isBefore(version: Version, other: Version): boolean {
  const index = version.findIndex((number, i) => number !== other[i]);
  return index !== -1 && (version[index] ?? 0) < (other[index] ?? 0);
}

function listen(port: number, ipv6: boolean, flags = ''): string[] {
  return [`listen ${port}${flags};`, ...(ipv6 ? [`listen [::]:${port}${flags};`] : [])];
}

function plainServer({ hostname, origin }: Site, { httpPort, ipv6, acmeRoot }: Asked): string[] {
  return [
    '# Port 80: the way to https, and the questions of whoever issues the certificate (ACME, HTTP-01).',
    ...block('server', [
      ...listen(httpPort, ipv6),
      `server_name ${word(hostname)};`,
      'server_tokens off;',
      'access_log off;',
      '',
      ...block('location ^~ /.well-known/acme-challenge/', [
        `root ${word(acmeRoot)};`,
        'default_type text/plain;',
        'try_files $uri =404;',
      ]),
      '',
      ...block('location /', [
        '# 308 keeps the method: a POST stays one.',
        `return 308 ${origin}$request_uri;`,
      ]),
    ]),
  ];
}

function secureServer(config: Config, site: Site, asked: Asked): string[] {
  const addresses = asked.instances.length > 0 ? asked.instances : [localAddress(config.listen)];
  const found = instances(addresses, config.timeouts.idleMs);
  return [
    ...found.lines,
    '',
    '# Whom to count an address as. A house gets a /64 of IPv6, and may use every address in it.',
    ...block('map $remote_addr $sallyport_subscriber', [
      '"~^(?<sallyport_net>[0-9a-f]+:[0-9a-f]+:[0-9a-f]+:[0-9a-f]+):" $sallyport_net;',
      '"~^(?<sallyport_short>[0-9a-f:]*?)::" $sallyport_short;',
      'default $remote_addr;',
    ]),
    `limit_req_zone $sallyport_subscriber zone=sallyport:10m rate=${asked.rate}r/s;`,
    '',
    '# The refusals of the gateway say themselves when to come back.',
    ...block('map "$status:$upstream_status" $sallyport_retry_after', ['"429:" 1;', 'default "";']),
    '',
    '# A header that the gateway sends itself stays as it is.',
    ...headerMaps(),
    '',
    ...logFormat(asked.authRequest ? '$sallyport_email' : undefined),
    '',
    ...block('server', serverLines(config, site, asked, found)),
  ];
}

function serverLines(config: Config, site: Site, asked: Asked, found: Instances): string[] {
  const { nginxVersion, certificate, key } = asked;
  const modern = nginxVersion !== undefined && !isBefore(nginxVersion, HTTP2_DIRECTIVE);
  const live = `/etc/letsencrypt/live/${site.hostname}`;
  return [
    ...listen(asked.httpsPort, asked.ipv6, modern ? ' ssl' : ' ssl http2'),
    ...(modern ? ['http2 on;'] : []),
    `server_name ${word(site.hostname)};`,
    'server_tokens off;',
    '',
    `ssl_certificate ${word(certificate ?? `${live}/fullchain.pem`)};`,
    `ssl_certificate_key ${word(key ?? `${live}/privkey.pem`)};`,
    'ssl_protocols TLSv1.2 TLSv1.3;',
    `ssl_ciphers ${CIPHERS.join(':')};`,
    'ssl_prefer_server_ciphers off;',
    'ssl_session_cache shared:sallyport_tls:10m;',
    'ssl_session_timeout 1d;',
    'ssl_session_tickets off;',
    '',
    ...addedHeaders(),
    'add_header Retry-After $sallyport_retry_after always;',
    '',
    `access_log ${word(`${asked.logs}/sallyport.log`)} sallyport;`,
    '',
    '# The outer wall, by address. The clients of a vendor share a few addresses, so it is wide; limits of single users',
    '# are the business of the gateway, which knows who they are.',
    `limit_req zone=sallyport burst=${asked.burst} nodelay;`,
    'limit_req_status 429;',
    `client_max_body_size ${config.limits.bodyBytes};`,
    `client_header_timeout ${seconds(config.timeouts.headersMs)};`,
    `client_body_timeout ${seconds(config.timeouts.bodyMs)};`,
    ...door(config, asked),
    '',
    ...TOWARDS_GATEWAY,
    ...found.session,
    'proxy_connect_timeout 5s;',
    '',
    ...errorPages(),
    ...errorPlaces(),
    '',
    ...(asked.authRequest ? [...whoPlace(found.upstream), ''] : []),
    ...publicPaths(site).flatMap((path) => [...publicPlace(path, config, asked, found), '']),
    ...block('location /', ['return 404;']),
  ];
}

function publicPlace(
  { match, path, kind }: PublicPath,
  config: Config,
  { authRequest }: Asked,
  found: Instances,
): string[] {
  const isStream = kind === 'stream';
  return block(`location ${match === 'exact' ? '=' : '^~'} ${word(path)}`, [
    ...(isStream ? STREAM : []),
    // A token that is for one server only cannot be asked about here: /servers/ is left to the gateway alone.
    ...(authRequest && isStream && match === 'exact' ? ASKED : []),
    ...(kind === 'private' ? metricsLines(config, found) : [`proxy_pass ${found.upstream};`]),
  ]);
}

/**
 * Nothing is held back, and a stream that is silent for hours is none that is broken. Requests are taken in whole before
 * they go on, so that one that comes slowly costs nginx a buffer and the gateway nothing.
 */
const STREAM = [
  'proxy_buffering off;',
  'proxy_cache off;',
  'gzip off;',
  'proxy_read_timeout 24h;',
  'proxy_send_timeout 24h;',
  'send_timeout 24h;',
];

const ASKED = [`auth_request ${ASK};`, 'auth_request_set $sallyport_email $upstream_http_x_user_email;'];

function whoPlace(upstream: string): string[] {
  return block(`location = ${ASK}`, [
    'internal;',
    '# A browser asks without a token whether it may ask with one.',
    'if ($request_method = OPTIONS) { return 204; }',
    'proxy_method GET;',
    'proxy_pass_request_body off;',
    ...TOWARDS_GATEWAY,
    'proxy_set_header Content-Length "";',
    'proxy_set_header Content-Type "";',
    `proxy_pass ${upstream}/hello;`,
  ]);
}

function metricsLines({ metrics }: Config, { upstream }: Instances): string[] {
  const own = metrics?.listen;
  return [
    ...(metrics?.allow ?? PRIVATE_BLOCKS).map((each) => `allow ${word(each)};`),
    'deny all;',
    '# For everybody else there is nothing.',
    'error_page 403 =404 @refused_404;',
    'access_log off;',
    `proxy_pass ${own ? `http://${localAddress(own)}` : upstream}/metrics;`,
  ];
}

function door({ auth }: Config, { allow, basicAuth }: Asked): string[] {
  const blocks = allow.length > 0 ? allow : (auth?.ipAllow ?? []);
  return [
    ...(blocks.length > 0 ? ['', ...blocks.map((each) => `allow ${word(each)};`), 'deny all;'] : []),
    ...(basicAuth === undefined
      ? []
      : ['', 'auth_basic "sallyport";', `auth_basic_user_file ${word(basicAuth)};`]),
  ];
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.ceil(ms / 1000))}s`;
}
