import { ok, type OutsideCheck, skip, warn } from '../check.ts';

export const hsts: OutsideCheck = {
  name: 'hsts',
  side: 'outside',
  looksAt: 'Strict-Transport-Security',
  needs: ['answers'],
  symptoms: [
    {
      sees: 'a scanner misses HSTS',
      cause: 'The proxy does not add the header, or only to answers with 200.',
      remedy: 'add_header Strict-Transport-Security "max-age=31536000" always;',
    },
  ],
  async look(site, signal) {
    if (site.endpoint.protocol !== 'https:') return skip('it is http');
    const { headers } = await site.ask(site.endpoint, {}, signal);
    const value = headers['strict-transport-security'];
    return value === undefined
      ? warn('it is missing', 'add_header Strict-Transport-Security "max-age=31536000" always;')
      : ok(value);
  },
};
