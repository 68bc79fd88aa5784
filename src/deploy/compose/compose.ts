import type { Config } from '../../config/schema.ts';
import { IGNORED, imageFile, imageNotes } from '../dockerfile.ts';
import { envTemplate } from '../env.ts';
import { buildNginx } from '../nginx/nginx.ts';
import { siteOf } from '../site.ts';
import type { Asked, DeployFile, Deployment, ImageName, Target, Version } from '../target.ts';
import { appService, certbotService, nginxService, secretsSection } from './services.ts';
import { START_NGINX } from './start-nginx.ts';

/** At least this has `nginx:stable`, whatever nginx the machine has. */
const IMAGE_NGINX: Version = [1, 28, 0];

/** Where certbot puts what it got under the name of the stack. */
const CERTIFICATES = '/etc/letsencrypt/live/sallyport';

export const compose: Target = {
  name: 'compose',
  summary: 'containers: the gateway, nginx and certbot, or the gateway with TLS of its own',
  build: buildCompose,
  proofs: [
    {
      program: 'docker',
      // The client of docker without its plugin, or a podman of that name.
      absent: /unknown flag|is not a docker command|unrecognized command|looking up compose provider/i,
      // A value for what only the real .env has.
      stage: (files) => [
        ...files,
        { path: '.env', text: filledIn(files) },
        { path: 'sallyport.yaml', text: '{}\n' },
      ],
      args: (_files, folder) => [
        'compose',
        '--project-directory',
        folder,
        '-f',
        `${folder}/compose.yaml`,
        'config',
        '--quiet',
      ],
    },
  ],
};

/**
 * The stack. Two networks: nobody but nginx is on both sides, and the gateway's own has a way out for remote servers.
 * No container gets the socket of the engine: who has it is root of the machine.
 */
export function buildCompose(config: Config, asked: Asked): Deployment {
  const site = siteOf(config);
  const inner: Asked = {
    ...asked,
    nginxVersion: IMAGE_NGINX,
    instances: ['app:8080'],
    // What comes by IPv6, the engine brings to the container by IPv4.
    ipv6: false,
    httpPort: 80,
    httpsPort: 443,
    certificate: `${CERTIFICATES}/fullchain.pem`,
    key: `${CERTIFICATES}/privkey.pem`,
    acmeRoot: '/var/www/acme',
    logs: '/var/log/nginx',
  };
  const own = config.listen.tls !== undefined;
  const images: readonly ImageName[] = own ? ['node'] : ['node', 'nginx', 'certbot'];
  const needed = images.filter((name) => asked.images[name] === undefined);
  const text = [
    `name: sallyport`,
    '',
    'services:',
    ...appService(config, asked),
    ...(own ? [] : [...nginxService(asked), ...certbotService(site, asked)]),
    'networks:',
    '  front: {}',
    ...(own ? [] : ['  back: {}']),
    '',
    'volumes:',
    '  state: {}',
    ...(own ? [] : ['  certificates: {}', '  acme: {}']),
    ...secretsSection(asked),
    '',
  ].join('\n');
  const proxy = own
    ? []
    : buildNginx(config, inner).files.map((file): DeployFile => ({
        ...file,
        path: `nginx/${file.path}`,
        text: forContainers(file.text),
      }));
  return {
    files: [
      { path: 'compose.yaml', text },
      imageFile(config, asked),
      IGNORED,
      envTemplate(asked, imageLines(needed)),
      ...proxy,
      ...(own ? [] : [START_NGINX]),
    ],
    notes: [
      ...imageNotes(asked),
      ...(own && isLoopback(config.listen.host)
        ? [
            'The config listens on loopback, which is only inside of the container: listen: { host: 0.0.0.0, … }',
          ]
        : []),
      'Copy .env.example to .env and fill it in; put sallyport.yaml beside compose.yaml.',
      ...(own || config.trustedProxies
        ? []
        : [
            "Add trustedProxies: ['172.16.0.0/12', '192.168.0.0/16'] to the config, or the network that the engine gives to `back`.",
          ]),
    ],
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** What a container logs, its engine keeps. */
function forContainers(text: string): string {
  return text.replace('access_log /var/log/nginx/sallyport.log', 'access_log /dev/stdout');
}

const WANTED: Readonly<Record<ImageName, string>> = {
  node: 'node:24-slim',
  nginx: 'nginx:stable',
  certbot: 'certbot/certbot',
  cloudflared: 'cloudflare/cloudflared',
};

function imageLines(names: readonly ImageName[]): string[] {
  if (names.length === 0) return [];
  return [
    '# Images, by their digest: docker buildx imagetools inspect NAME',
    ...names.map((name) => `# ${WANTED[name]}@sha256:…\n${name.toUpperCase()}_IMAGE=`),
    ...(names.includes('certbot') ? ['# Where the authority may write to.\nACME_EMAIL='] : []),
  ];
}

function filledIn(files: readonly DeployFile[]): string {
  const template = files.find(({ path }) => path === '.env.example')?.text ?? '';
  return template.replaceAll(/^(\w+)=$/gm, `$1=${'x'.repeat(8)}`);
}
