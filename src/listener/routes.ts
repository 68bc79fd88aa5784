/** The endpoints of MCP: Streamable HTTP, and the two halves of the HTTP+SSE transport of 2024-11-05. */
export type Endpoint = 'mcp' | 'sse' | 'messages';

/** What a path stands for. */
export type Route =
  | { readonly kind: Endpoint; readonly scope: string | undefined }
  | { readonly kind: 'health'; readonly what: 'all' | 'live' | 'ready' };

const ALL: Route = { kind: 'mcp', scope: undefined };
const SERVER = /^\/servers\/([\w.-]{1,64})\/(mcp|sse|messages)\/?$/;

/** The path that `publicUrl` puts in front of ours, without a slash at its end; '' for none. */
export function prefixOf(publicUrl: string | undefined): string {
  return publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
}

/** Further paths that stand for one of ours: `/events` for `/sse`. */
export type Aliases = ReadonlyMap<string, string>;

/**
 * @param prefix path that `publicUrl` puts in front, for a proxy that passes it on; '' for none
 * @param aliases without the prefix
 */
export function routeOf(url: string, prefix: string, aliases?: Aliases): Route | undefined {
  if (url === '/mcp') return ALL;
  const query = url.indexOf('?');
  const full = query === -1 ? url : url.slice(0, query);
  const given = prefix !== '' && full.startsWith(`${prefix}/`) ? full.slice(prefix.length) : full;
  const path = aliases?.get(given) ?? given;
  switch (path) {
    case '/mcp':
    case '/mcp/':
      return ALL;
    case '/sse':
    case '/sse/':
      return { kind: 'sse', scope: undefined };
    case '/messages':
    case '/messages/':
      return { kind: 'messages', scope: undefined };
    case '/health':
      return { kind: 'health', what: 'all' };
    case '/health/live':
      return { kind: 'health', what: 'live' };
    case '/health/ready':
      return { kind: 'health', what: 'ready' };
  }
  const [, scope, kind] = SERVER.exec(path) ?? [];
  // The pattern names no others.
  return scope === undefined ? undefined : { kind: kind as Endpoint, scope };
}
