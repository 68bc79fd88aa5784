import type { Config } from '../../config/schema.ts';
import { isLoopback } from '../target.ts';

/**
 * What this gateway leaves open, one sentence each: the start screen says it every time, so that nobody has to
 * remember what the config once allowed.
 */
export function exposure(config: Config, hasToken: boolean): string[] {
  const { listen, publicUrl, allowedHosts, allowedOrigins, servers } = config;
  const found: string[] = [];
  if (!hasToken) {
    found.push('No authentication: every program and every user of this machine may call every tool.');
  }
  if (!isLoopback(listen.host)) {
    found.push(`${listen.host} is reachable from other machines.`);
    if (publicUrl === undefined || new URL(publicUrl).protocol !== 'https:') {
      found.push(
        'The token travels unencrypted (http): put a proxy with TLS in front and set publicUrl to its https address.',
      );
    }
  }
  if (allowedHosts.includes('*')) found.push('allowedHosts has *: DNS rebinding is not kept out.');
  if (allowedOrigins.includes('*'))
    found.push('allowedOrigins has *: any web page may call with a token it knows.');
  for (const server of servers) {
    if (server.kind !== 'builtin') continue;
    const allow = server.options['allow'];
    if (Array.isArray(allow) && allow.length > 0) {
      found.push(`${server.name} may also reach ${allow.join(', ')}.`);
    }
  }
  return found;
}
