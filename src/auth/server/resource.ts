/** What a token is for: every endpoint of a gateway, or the one of a server. */
export type Target = { readonly server: string | undefined };

const ENDPOINT = /^(?:\/(?:mcp|sse)|\/servers\/(?!\.+\/)([\w.-]{1,64})\/(?:mcp|sse))?$/;

/**
 * Reads a resource indicator (RFC 8707) that names an endpoint of the gateway at `base`. A slash at its end means
 * nothing, and neither does the name by which a machine calls itself.
 * @param base such as `https://mcp.example.com`, without a slash at its end
 * @returns undefined where it is no endpoint of this gateway
 */
export function targetOf(resource: string, base: string): Target | undefined {
  if (!URL.canParse(resource)) return undefined;
  const { origin, pathname, search, hash, username, password } = new URL(resource);
  if (search !== '' || hash !== '' || username !== '' || password !== '') return undefined;
  const gateway = new URL(base);
  if (originOf(origin) !== originOf(gateway.origin)) return undefined;
  const prefix = gateway.pathname.replace(/\/$/, '');
  if (!pathname.startsWith(prefix)) return undefined;
  const match = ENDPOINT.exec(pathname.slice(prefix.length).replace(/\/$/, ''));
  return match ? { server: match[1] } : undefined;
}

/** The same without a slash at its end. */
export function withoutSlash(resource: string): string {
  return resource.replace(/\/+$/, '');
}

/** The three names of this machine for itself are one. */
function originOf(origin: string): string {
  return origin.replace(/^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?=:|$)/, 'http://localhost');
}
