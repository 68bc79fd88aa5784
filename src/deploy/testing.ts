import type { Config } from '../config/schema.ts';
import type { Asked } from './target.ts';

/** What the command line says when it says nothing. */
export const ASKED: Asked = {
  nginxVersion: [1, 22, 1],
  instances: [],
  httpPort: 80,
  httpsPort: 443,
  ipv6: true,
  certificate: undefined,
  key: undefined,
  acmeRoot: '/var/www/acme',
  logs: '/var/log/nginx',
  rate: 50,
  burst: 100,
  allow: [],
  basicAuth: undefined,
  authRequest: false,
  images: { node: undefined, nginx: undefined, certbot: undefined, cloudflared: undefined },
  program: '/usr/bin/sallyport',
  configFile: '/etc/sallyport/sallyport.yaml',
  sallyportVersion: '0.1.0',
  references: { variables: [], secrets: [], credentials: [] },
};

/** What the targets look at, of a config with a public address. */
export const CONFIG = {
  listen: { host: '127.0.0.1', port: 8080 },
  publicUrl: 'https://mcp.example.com',
  trustedProxies: ['127.0.0.1'],
  servers: [],
  metrics: { allow: ['127.0.0.0/8'], tools: 200 },
  limits: { bodyBytes: 4 * 1024 * 1024 },
  timeouts: {
    idleMs: 65_000,
    headersMs: 10_000,
    bodyMs: 30_000,
    startMs: 60_000,
    drainMs: 10_000,
    stopMs: 5000,
  },
  // The rest of a config is none of their business.
} as unknown as Config;
