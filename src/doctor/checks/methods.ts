import { fail, ok, type OutsideCheck } from '../check.ts';

export const methods: OutsideCheck = {
  name: 'methods',
  side: 'outside',
  looksAt: 'that GET, POST and DELETE all come through to the gateway',
  needs: ['answers'],
  symptoms: [
    {
      sees: '405 Method Not Allowed to DELETE or GET, with a page of HTML',
      cause: 'The proxy lets only some methods through (limit_except, a firewall for web applications).',
      remedy: 'let GET, POST, DELETE and OPTIONS of /mcp through',
    },
  ],
  async look(site, signal) {
    const all = ['GET', 'POST', 'DELETE'];
    const found = await Promise.all(
      all.map(async (method) => {
        const headers = { accept: 'text/event-stream', 'content-type': 'application/json' };
        const asked = { method, headers, ...(method === 'POST' && { body: '{}' }) };
        const { status, headers: answered } = await site.askAsUser(site.endpoint, asked, signal);
        // The refusals of a gateway are JSON, and those of a proxy are pages.
        const isOurs = status < 500 && answered['content-type']?.includes('text/html') !== true;
        return { method, status, isOurs };
      }),
    );
    const says = found.map(({ method, status }) => `${method} ${status}`).join(', ');
    const stopped = found.filter(({ isOurs }) => !isOurs).map(({ method }) => method);
    return stopped.length === 0
      ? ok(says)
      : fail(
          `${stopped.join(' and ')} does not reach the gateway (${says})`,
          `let ${all.join(', ')} and OPTIONS of ${site.endpoint.pathname} through the proxy`,
        );
  },
};
