import { block } from './text.ts';

/** What a server behind a proxy may take for the word of the proxy on who is calling. Clients do not get to say that. */
const IDENTITY = [
  'X-User',
  'X-User-Id',
  'X-User-Name',
  'X-User-Email',
  'X-User-Roles',
  'X-User-Groups',
  'X-Email',
  'X-Remote-User',
  'Remote-User',
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
  'X-Auth-Request-Groups',
  'X-Forwarded-User',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-Forwarded-Preferred-Username',
];

/** Towards the gateway. A location with one `proxy_set_header` of its own inherits none of these. */
export const TOWARDS_GATEWAY: readonly string[] = [
  // HTTP/1.1 keeps connections, and `Connection: upgrade` for everything would close each after its answer.
  'proxy_http_version 1.1;',
  'proxy_set_header Connection "";',
  'proxy_set_header Host $http_host;',
  '# nginx is the first to see a request: what a client says of earlier ones is not passed on.',
  'proxy_set_header X-Real-IP $remote_addr;',
  'proxy_set_header X-Forwarded-For $remote_addr;',
  'proxy_set_header X-Forwarded-Proto $scheme;',
  'proxy_set_header X-Forwarded-Host $http_host;',
  'proxy_set_header X-Forwarded-Port $server_port;',
  'proxy_set_header Forwarded "";',
  '# Who calls is found out from the token, and from nothing that a client can write.',
  ...IDENTITY.map((name) => `proxy_set_header ${name} "";`),
];

/** Towards the client, by the variable that has the gateway's own: its login pages know better what they need. */
const TOWARDS_CLIENT = [
  ['Strict-Transport-Security', 'max-age=31536000'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  [
    'Content-Security-Policy',
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ],
] as const;

/** For the `http` level. */
export function headerMaps(): string[] {
  return TOWARDS_CLIENT.flatMap(([name, value]) =>
    block(`map $upstream_http_${variable(name)} $sallyport_${variable(name)}`, [
      `"" "${value}";`,
      'default "";',
    ]),
  );
}

/** For the `server` level. */
export function addedHeaders(): string[] {
  return TOWARDS_CLIENT.map(([name]) => `add_header ${name} $sallyport_${variable(name)} always;`);
}

function variable(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}
