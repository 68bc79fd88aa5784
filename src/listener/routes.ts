/** What a path stands for. */
export type Route =
  | { readonly kind: 'mcp'; readonly scope: string | undefined }
  | { readonly kind: 'health'; readonly what: 'all' | 'live' | 'ready' };

const ALL: Route = { kind: 'mcp', scope: undefined };
const SERVER = /^\/servers\/([\w.-]{1,64})\/mcp\/?$/;

/** @param prefix path that `publicUrl` puts in front, for a proxy that passes it on; '' for none */
export function routeOf(url: string, prefix: string): Route | undefined {
  if (url === '/mcp') return ALL;
  const query = url.indexOf('?');
  const full = query === -1 ? url : url.slice(0, query);
  const path = prefix !== '' && full.startsWith(`${prefix}/`) ? full.slice(prefix.length) : full;
  switch (path) {
    case '/mcp':
    case '/mcp/':
      return ALL;
    case '/health':
      return { kind: 'health', what: 'all' };
    case '/health/live':
      return { kind: 'health', what: 'live' };
    case '/health/ready':
      return { kind: 'health', what: 'ready' };
  }
  const scope = SERVER.exec(path)?.[1];
  return scope === undefined ? undefined : { kind: 'mcp', scope };
}
