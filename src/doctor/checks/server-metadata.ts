import { fail, ok, type OutsideCheck, skip } from '../check.ts';
import { issuersOf, resourceMetadata, serverMetadata } from '../metadata.ts';

const ENDPOINTS = ['authorization_endpoint', 'token_endpoint'];

export const server: OutsideCheck = {
  name: 'server-metadata',
  side: 'outside',
  looksAt: 'what the authorization server says of itself: issuer, endpoints, PKCE',
  needs: ['resource-metadata'],
  symptoms: [
    {
      sees: 'a client says "issuer mismatch", or its login ends before it begins',
      cause: 'The issuer in the metadata is not the address that it was fetched from.',
      remedy:
        'publicUrl (or auth.server.issuer) has to be the address that clients use; no copy of the metadata in the proxy',
    },
  ],
  async look(site, signal) {
    const resource = await resourceMetadata(site, signal);
    const [issuer] = resource ? issuersOf(resource) : [];
    if (issuer === undefined) return skip('there is no authorization server');
    const metadata = await serverMetadata(site, issuer, signal);
    if (!metadata)
      return fail(
        `${issuer} says nothing of itself`,
        'let the proxy pass /.well-known/oauth-authorization-server on to it',
      );
    // > The "issuer" value returned MUST be identical to the authorization server's issuer identifier value into which the
    // > well-known URI string was inserted (RFC 8414, section 3.3)
    if (metadata['issuer'] !== issuer)
      return fail(
        `its issuer is ${JSON.stringify(metadata['issuer'] ?? null)}, and the endpoint names ${issuer}`,
        'let publicUrl, or auth.server.issuer, be the address that clients use, and the proxy pass /.well-known/ on as it is',
      );
    const missing = ENDPOINTS.filter((name) => typeof metadata[name] !== 'string');
    if (missing.length > 0) return fail(`it names no ${missing.join(' and no ')}`, 'mend its metadata');
    const pkce = metadata['code_challenge_methods_supported'];
    if (!Array.isArray(pkce) || !pkce.includes('S256'))
      return fail(
        'it does not offer PKCE with S256, without which MCP clients do not go on',
        'turn PKCE on at the authorization server',
      );
    return ok(`${issuer}, PKCE with S256`);
  },
};
