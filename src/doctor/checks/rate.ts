import { ok, type OutsideCheck, warn } from '../check.ts';
import { mcpRequest } from '../mcp.ts';

/** More than a client without a token has any reason for. */
const KNOCKS = 150;
const AT_ONCE = 15;

export const rate: OutsideCheck = {
  name: 'rate',
  side: 'outside',
  looksAt: 'that somebody who knocks too often is told to wait (429)',
  // The last of all: whoever was told to wait cannot look at anything else.
  needs: [
    'slash',
    'methods',
    'stream',
    'origin',
    'metrics-hidden',
    'identity-headers',
    'tool-call',
    'registration',
    'claude-ai',
    'latency',
    'hsts',
  ],
  symptoms: [
    {
      sees: '429 Too Many Requests for users who did little',
      cause: 'All users are counted as one address: the proxy is not among trustedProxies.',
      remedy: 'trustedProxies: [ADDRESS OF THE PROXY]; sallyport access errors   shows who is refused',
    },
  ],
  async look(site, signal) {
    let refused = 0;
    for (let sent = 0; sent < KNOCKS && refused === 0; sent += AT_ONCE) {
      const all = await Promise.all(
        Array.from({ length: AT_ONCE }, () =>
          site.ask(site.endpoint, { ...mcpRequest('tools/list'), once: true }, signal),
        ),
      );
      refused = all.filter(({ status }) => status === 429).length;
    }
    return refused > 0
      ? ok('429')
      : warn(
          `${KNOCKS} requests at once, and none was refused`,
          'rateLimits: {}   in the config, or limit_req in the proxy: sallyport deploy nginx',
        );
  },
};
