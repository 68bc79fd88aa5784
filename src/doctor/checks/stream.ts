import { fail, ok, type OutsideCheck, skip } from '../check.ts';
import { mcpRequest } from '../mcp.ts';

/** The first event of a stream is sent at once. Whatever it takes longer than this, it was held back. Milliseconds. */
const PATIENCE_MS = 4000;

export const stream: OutsideCheck = {
  name: 'stream',
  side: 'outside',
  looksAt: 'that events come when they are sent',
  needs: ['answers'],
  symptoms: [
    {
      sees: 'progress and notifications come all at once, at the end; or a client says that the connection timed out',
      cause: 'The proxy buffers the stream.',
      remedy: 'proxy_buffering off; gzip off;   and no proxy_ignore_headers X-Accel-Buffering',
    },
    {
      sees: 'the stream is cut after a minute',
      cause: 'The proxy ends a stream on which nothing came for a while.',
      remedy: 'proxy_read_timeout 24h; proxy_send_timeout 24h;   and the same of a load balancer before it',
    },
  ],
  async look(site, signal) {
    if (site.token === undefined) return skip('--token is needed for a stream');
    // Acknowledged with an event at once, and then kept open: the shortest stream that is not over.
    const listening = mcpRequest('subscriptions/listen', { notifications: { toolsListChanged: true } });
    const began = performance.now();
    const asked = { ...listening, until: hasEvent, patienceMs: PATIENCE_MS };
    const { status, text } = await site.askAsUser(site.endpoint, asked, signal);
    if (hasEvent(text)) return ok(`the first event came after ${Math.round(performance.now() - began)} ms`);
    if (status >= 400) return skip(`the gateway answers ${status} to subscriptions/listen`);
    return fail(
      `the first event was held back for more than ${PATIENCE_MS / 1000} s`,
      'proxy_buffering off; gzip off;   for the endpoint: sallyport deploy nginx --out deploy/nginx, then reload nginx',
    );
  },
};

function hasEvent(text: string): boolean {
  return /^data:/m.test(text);
}
