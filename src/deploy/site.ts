import type { Config } from '../config/schema.ts';
import { DeployError } from './target.ts';

/** The gateway as the internet knows it. */
export interface Site {
  readonly hostname: string;
  /** `https://mcp.example.com` */
  readonly origin: string;
  /** The path in front of all others, without a slash at its end; '' for none. */
  readonly prefix: string;
}

/** @throws DeployError without a `publicUrl`, or with one that has no name */
export function siteOf({ publicUrl }: Pick<Config, 'publicUrl'>): Site {
  if (publicUrl === undefined)
    throw new DeployError('the config has no publicUrl', [
      'add the address that clients will use:   publicUrl: https://mcp.example.com',
    ]);
  const { hostname, origin, pathname, protocol } = new URL(publicUrl);
  if (protocol !== 'https:')
    throw new DeployError('the publicUrl is not an https:// address', [
      'nothing but this machine itself is served without TLS: publicUrl: https://mcp.example.com',
    ]);
  return { hostname, origin, prefix: pathname.replace(/\/+$/, '') };
}

/** HOST:PORT of a gateway as a program on the same machine reaches it. */
export function localAddress({ host, port }: { readonly host: string; readonly port: number }): string {
  const name = host === '0.0.0.0' || host === '' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** What a person has to know who puts a proxy in front of this configuration. */
export function proxyNotes({ trustedProxies, listen }: Config, proxy: string): string[] {
  return [
    ...(trustedProxies === undefined
      ? [
          `Add trustedProxies: ['${proxy}'] to the config: without it every client has the address of the proxy.`,
        ]
      : []),
    ...(listen.tls ? [`The config has listen.tls: behind a proxy the gateway listens without TLS.`] : []),
  ];
}
