import { fail, ok, type OutsideCheck } from '../check.ts';
import { mcpRequest, messageIn } from '../mcp.ts';

export const answers: OutsideCheck = {
  name: 'answers',
  side: 'outside',
  looksAt: 'that the gateway is what answers at the endpoint',
  needs: ['certificate', 'redirect'],
  symptoms: [
    {
      sees: '502 Bad Gateway, or 504',
      cause: 'The proxy does not reach the gateway: it is not running, or listens elsewhere.',
      remedy: 'systemctl status sallyport; sallyport status   and compare listen: with proxy_pass',
    },
    {
      sees: '403 host_not_allowed',
      cause: 'The proxy passes on another Host than the published one.',
      remedy: 'proxy_set_header Host $http_host;   and publicUrl: https://HOST in the config',
    },
  ],
  async look(site, signal) {
    const { endpoint } = site;
    const { status, text, headMs } = await site.ask(endpoint, mcpRequest('tools/list'), signal);
    if (status === 502 || status === 503 || status === 504)
      return fail(
        `${status}: the proxy does not reach the gateway`,
        'sallyport up (or systemctl start sallyport); compare listen: in the config with proxy_pass',
      );
    if (text.includes('host_not_allowed'))
      return fail(
        `the gateway does not know itself as ${endpoint.host}`,
        `proxy_set_header Host $http_host;   and publicUrl: ${endpoint.origin} in the config`,
      );
    if (status === 404 && !messageIn(text))
      return fail(
        `404, and not from a gateway: ${endpoint.pathname} leads nowhere`,
        `add the location of ${endpoint.pathname} to the proxy: sallyport deploy nginx`,
      );
    return messageIn(text) || status === 401
      ? ok(`${status} in ${Math.round(headMs)} ms`)
      : fail(
          `${status}, and not from a gateway`,
          `let ${endpoint.pathname} lead to the gateway: sallyport deploy nginx`,
        );
  },
};
