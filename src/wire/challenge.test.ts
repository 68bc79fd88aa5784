import { describe, expect, it } from 'vitest';
import { failure } from '../core/reply.ts';
import { bearerChallenge, endpointPath, errorHeaders, metadataUrl } from './challenge.ts';

describe('a challenge', () => {
  it('names no more than there is to say', () => {
    expect(bearerChallenge({})).toBe('Bearer realm="sallyport"');
    expect(bearerChallenge({ scopes: [] })).toBe('Bearer realm="sallyport"');
  });

  it('says what is wrong, what is needed and where more is to be learnt', () => {
    expect(
      bearerChallenge({
        error: 'insufficient_scope',
        scopes: ['a', 'b'],
        metadata: 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp',
      }),
    ).toBe(
      'Bearer realm="sallyport", error="insufficient_scope", scope="a b", resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"',
    );
  });
});

it.each([
  [undefined, 'mcp', '/mcp'],
  ['files', 'mcp', '/servers/files/mcp'],
  [undefined, 'sse', '/sse'],
  ['files', 'messages', '/servers/files/sse'],
] as const)('%s %s is at %s', (scope, endpoint, path) => {
  expect(endpointPath(scope, endpoint)).toBe(path);
});

it.each([
  ['https://mcp.example.com/mcp', 'https://mcp.example.com/.well-known/oauth-protected-resource/mcp'],
  ['https://a.example:8443/x/mcp', 'https://a.example:8443/.well-known/oauth-protected-resource/x/mcp'],
])('the metadata of %s', (resource, url) => {
  expect(metadataUrl(resource)).toBe(url);
});

it('an error has the headers that it needs, and most need none', () => {
  const { error } = failure('internal_error');
  expect(errorHeaders(error)).toEqual({});
  expect(errorHeaders({ ...error, retryAfter: 3, challenge: 'Bearer' })).toEqual({
    'retry-after': '3',
    'www-authenticate': 'Bearer',
  });
});
