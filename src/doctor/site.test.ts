import { expect, it } from 'vitest';
import { Site } from './site.ts';

it('shows the token to the endpoint and to nobody else', () => {
  const site = new Site(new URL('https://mcp.test/mcp'), {
    token: 'sp_secret',
    dial: () => undefined,
    trust: { ca: undefined },
  });
  const { signal } = new AbortController();
  for (const elsewhere of ['https://other.test/mcp', 'http://mcp.test/mcp', 'https://mcp.test:8443/mcp'])
    expect(() => site.askAsUser(new URL(elsewhere), {}, signal)).toThrow(/the token is not for/);
});
