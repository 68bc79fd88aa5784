import type { Config } from '../../config/schema.ts';
import { isLoopback } from '../loopback.ts';

/**
 * What this gateway leaves open, one sentence each: the start screen says it every time, so that nobody has to
 * remember what the config once allowed.
 */
export function exposure(config: Config, hasToken: boolean): string[] {
  const { listen, publicUrl, allowedOrigins, servers } = config;
  const found: string[] = [];
  if (!hasToken) found.push('No authentication: every program of this machine may call every tool.');
  if (!isLoopback(listen.host)) {
    found.push(`Other machines reach ${listen.host}.`);
    if (!listen.tls && !publicUrl?.startsWith('https:')) {
      found.push(
        'The token travels unencrypted: put a proxy with TLS in front, and set publicUrl to its address.',
      );
    }
  }
  if (
    publicUrl !== undefined &&
    isLoopback(listen.host) &&
    !listen.tls &&
    config.trustedProxies === undefined
  )
    found.push(
      'Whoever comes through the proxy of publicUrl counts as one address: name it in trustedProxies.',
    );
  if (listen.tls?.acme && isLoopback(listen.host))
    found.push(
      `Only this machine reaches ${listen.host}: something has to lead the certificate authority there.`,
    );
  if (allowedOrigins.length > 0) found.push(`Web pages of ${allowedOrigins.join(', ')} may call it.`);
  for (const server of servers) {
    const allow = server.kind === 'builtin' ? server.options['allow'] : undefined;
    if (Array.isArray(allow) && allow.length > 0)
      found.push(`${server.name} may also reach ${allow.join(', ')}.`);
  }
  return found;
}
