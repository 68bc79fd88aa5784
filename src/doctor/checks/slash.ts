import { fail, ok, type OutsideCheck } from '../check.ts';
import { mcpRequest } from '../mcp.ts';

export const slash: OutsideCheck = {
  name: 'slash',
  side: 'outside',
  looksAt: 'that /mcp and /mcp/ are the same',
  needs: ['answers'],
  symptoms: [
    {
      sees: '404 or 405 with a slash at the end, or without one',
      cause:
        'The proxy knows only one of /mcp and /mcp/, or redirects one to the other, which makes a GET of a POST.',
      remedy: 'a location for each, as `sallyport deploy nginx` writes them, and no redirect between them',
    },
  ],
  async look(site, signal) {
    const { pathname } = site.endpoint;
    const other = pathname.endsWith('/') ? pathname.slice(0, -1) : `${pathname}/`;
    const asked = mcpRequest('tools/list');
    const [first, second] = await Promise.all(
      [pathname, other].map((path) => site.ask(site.at(path), asked, signal)),
    );
    if (first?.status === second?.status) return ok(`both answer ${first?.status ?? 0}`);
    return fail(
      `${pathname} answers ${first?.status ?? 0}, ${other} answers ${second?.status ?? 0}`,
      `add location = ${other} beside location = ${pathname}: sallyport deploy nginx --out deploy/nginx, then reload nginx`,
    );
  },
};
