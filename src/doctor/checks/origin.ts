import { fail, ok, type OutsideCheck } from '../check.ts';
import { mcpRequest } from '../mcp.ts';

/** A site that nobody allows. RFC 2606 keeps the name free. */
const STRANGER = 'https://stranger.invalid';

export const origin: OutsideCheck = {
  name: 'origin',
  side: 'outside',
  looksAt: 'that pages of other sites are refused',
  needs: ['answers'],
  symptoms: [
    {
      sees: 'any web page may call the gateway from a browser',
      cause: 'allowedOrigins has a "*", or the proxy takes the Origin header away.',
      remedy: 'name the origins in allowedOrigins, and let the proxy pass Origin on',
    },
    {
      sees: '403 origin_not_allowed in a web client',
      cause: 'The client runs at an origin that is not in allowedOrigins.',
      remedy: 'allowedOrigins: [https://CLIENT]   in the config',
    },
  ],
  async look(site, signal) {
    const asked = mcpRequest('tools/list');
    const headers = { ...asked.headers, origin: STRANGER };
    const { status } = await site.ask(site.endpoint, { ...asked, headers }, signal);
    // > If the Origin header is present and invalid, servers MUST respond with HTTP 403 Forbidden
    // > (basic/transports/streamable-http)
    return status === 403
      ? ok('403 for a stranger')
      : fail(
          `a page of ${STRANGER} is answered with ${status}, not 403`,
          'allowedOrigins: []   in the config; no proxy_set_header Origin',
        );
  },
};
