import { fail, ok, type OutsideCheck, skip } from '../check.ts';
import { issuersOf, resourceMetadata } from '../metadata.ts';

export const resource: OutsideCheck = {
  name: 'resource-metadata',
  side: 'outside',
  looksAt: 'what the endpoint says of itself (RFC 9728)',
  needs: ['answers', 'unauthorized'],
  symptoms: [
    {
      sees: 'a client says that the resource does not match, or "protected resource metadata not found"',
      cause: 'publicUrl is not the address that clients use, or the proxy keeps /.well-known/ for itself.',
      remedy: 'publicUrl: https://HOST   in the config; location ^~ /.well-known/oauth- in the proxy',
    },
  ],
  async look(site, signal, { config }) {
    const metadata = await resourceMetadata(site, signal);
    const { server, issuers } = config?.loaded?.config.auth ?? {};
    if (!metadata) {
      return server || (issuers?.length ?? 0) > 0
        ? fail('there is none', 'let the proxy pass /.well-known/oauth-protected-resource on to the gateway')
        : skip('there is none, and no authorization server');
    }
    // > The resource value returned MUST be identical to the protected resource's resource identifier (RFC 9728, 3.3)
    if (metadata['resource'] !== site.endpoint.href)
      return fail(
        `resource is ${JSON.stringify(metadata['resource'] ?? null)}, not ${site.endpoint.href}`,
        `publicUrl: ${site.endpoint.origin}${site.prefix}   in the config`,
      );
    const named = issuersOf(metadata);
    return named.length > 0
      ? ok(`tokens come from ${named.join(', ')}`)
      : fail('it names no authorization server', 'auth: { server: {} }   in the config');
  },
};
