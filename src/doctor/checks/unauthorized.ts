import { fail, ok, type OutsideCheck, skip } from '../check.ts';
import { mcpRequest } from '../mcp.ts';

export const unauthorized: OutsideCheck = {
  name: 'unauthorized',
  side: 'outside',
  looksAt: 'that a caller without a token is refused with 401, and told where to get one',
  needs: ['answers'],
  symptoms: [
    {
      sees: 'connector refused: a client never shows a login page',
      cause: 'The first answer is not 401, or the proxy takes WWW-Authenticate away.',
      remedy: 'auth: { server: {} } in the config; no error_page for 401 and no auth_basic in the proxy',
    },
  ],
  async look(site, signal, { config }) {
    const { status, headers } = await site.ask(site.endpoint, mcpRequest('tools/list'), signal);
    if (status === 200)
      return fail('everybody may call it: 200 without a token', 'start the gateway without --no-auth');
    if (status !== 401)
      return fail(`${status} instead of 401`, `let ${site.endpoint.pathname} lead to the gateway itself`);
    const challenge = headers['www-authenticate'];
    if (challenge === undefined)
      return fail('401 without WWW-Authenticate', 'let the proxy pass the header on; no error_page for 401');
    const { server, issuers } = config?.loaded?.config.auth ?? {};
    const hasLogin = server !== undefined || (issuers?.length ?? 0) > 0;
    if (/resource_metadata=/.test(challenge)) return ok('401, with resource_metadata');
    return hasLogin
      ? fail('WWW-Authenticate names no resource_metadata', 'let the proxy pass WWW-Authenticate on as it is')
      : skip('401; there is no authorization server: clients need a token from `sallyport token create`');
  },
};
