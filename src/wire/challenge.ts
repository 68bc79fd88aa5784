import type { RpcError } from '../core/reply.ts';

/** What a challenge says besides that a bearer token is wanted. */
export interface Challenge {
  readonly error?: 'invalid_token' | 'insufficient_scope' | undefined;
  /** What the token has to be for. */
  readonly scopes?: readonly string[] | undefined;
  /** Where the metadata of the endpoint is. */
  readonly metadata?: string | undefined;
}

/** The value of `WWW-Authenticate` (RFC 6750, section 3; `resource_metadata` is of RFC 9728, section 5.1). */
export function bearerChallenge({ error, scopes = [], metadata }: Challenge): string {
  const parameters = [
    ['realm', 'sallyport'],
    ['error', error],
    ['scope', scopes.length > 0 ? scopes.join(' ') : undefined],
    ['resource_metadata', metadata],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value}"`]));
  return `Bearer ${parameters.join(', ')}`;
}

/** The path of an endpoint, without what `publicUrl` puts in front. */
export function endpointPath(
  scope: string | undefined,
  endpoint: 'mcp' | 'sse' | 'messages' = 'mcp',
): string {
  const last = endpoint === 'mcp' ? 'mcp' : 'sse';
  return scope === undefined ? `/${last}` : `/servers/${scope}/${last}`;
}

/**
 * > the well-known URI string is inserted … between the host component and the path … components  (RFC 9728, 3.1)
 * @param resource the URL of an endpoint
 */
export function metadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${METADATA_PATH}${pathname}`;
}

export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** The headers that go with an error where it is the whole answer. */
export function errorHeaders({ retryAfter, challenge }: RpcError): Record<string, string> {
  return {
    // RFC 9110, section 10.2.3.
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    ...(challenge !== undefined && { 'www-authenticate': challenge }),
  };
}
