import type { ListenConfig } from './tls.ts';

/** What a gateway without a published address is called on its own machine, without a slash at its end. */
export function addressOf({ host, port, tls }: ListenConfig): string {
  const isAny = host === '0.0.0.0' || host === '::' || host === '';
  const name = isAny ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'https' : 'http'}://${name}:${port}`;
}
