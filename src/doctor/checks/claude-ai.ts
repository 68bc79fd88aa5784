import { ok, type OutsideCheck, warn } from '../check.ts';
import { mcpRequest } from '../mcp.ts';
import { issuersOf, resourceMetadata } from '../metadata.ts';

export const claudeAi: OutsideCheck = {
  name: 'claude-ai',
  side: 'outside',
  looksAt:
    'what a connector of claude.ai needs: public https on 443, 401 first, and a resource that is the URL',
  needs: ['answers'],
  symptoms: [
    {
      sees: 'connector refused: claude.ai says that it could not connect',
      cause:
        'The endpoint is not public, not on port 443, does not begin with 401, or says another resource than its URL.',
      remedy: 'sallyport doctor --public https://HOST   and mend what claude-ai names',
    },
  ],
  async look(site, signal) {
    const { endpoint } = site;
    const [{ status }, metadata] = await Promise.all([
      site.ask(endpoint, mcpRequest('tools/list'), signal),
      resourceMetadata(site, signal),
    ]);
    const wrong = [
      ...(endpoint.protocol === 'https:' ? [] : ['it is not https']),
      ...(endpoint.port === '' ? [] : [`it is on port ${endpoint.port}`]),
      ...(status === 401 ? [] : [`the first answer is ${status}, not 401`]),
      ...(metadata?.['resource'] === endpoint.href ? [] : ['resource is not the URL']),
      ...(metadata && issuersOf(metadata).length > 0 ? [] : ['there is no authorization server']),
    ];
    return wrong.length === 0
      ? ok(`add ${endpoint.href} as a custom connector`)
      : warn(
          `claude.ai would not connect: ${wrong.join('; ')}`,
          'publicUrl: https://HOST and auth: { server: {} }   in the config, on port 443',
        );
  },
};
