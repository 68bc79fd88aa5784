import { fail, ok, type OutsideCheck, skip } from '../check.ts';

/** What a client could say it is. */
const CLAIMS = ['x-user-id', 'x-user-email', 'x-user-roles', 'x-forwarded-user', 'remote-user'];

export const identityHeaders: OutsideCheck = {
  name: 'identity-headers',
  side: 'outside',
  looksAt: 'that the proxy takes away what a client says it is (X-User-Id and its like)',
  needs: ['answers'],
  symptoms: [
    {
      sees: 'a client passes for another user by sending X-User-Id or X-User-Email itself',
      cause: 'The proxy passes identity headers of clients on.',
      remedy:
        'proxy_set_header X-User-Id "";   and the same for each of them, as `sallyport deploy nginx` writes it',
    },
  ],
  async look(site, signal) {
    if (site.token === undefined) return skip('--token is needed to ask the gateway what it sees');
    const headers = Object.fromEntries(CLAIMS.map((name) => [name, 'doctor']));
    // A method that no endpoint takes: the gateway refuses it, and says what it saw.
    const answer = await site.askAsUser(site.endpoint, { method: 'PUT', headers }, signal);
    const told = answer.headers['sallyport-seen'];
    if (typeof told !== 'string') return skip(`the gateway does not say what it sees (${answer.status})`);
    const seen = told.split(', ');
    const isBehindProxy = seen.includes('x-forwarded-for') || seen.includes('x-real-ip');
    const passed = CLAIMS.filter((name) => seen.includes(name));
    if (passed.length === 0) return ok('none of them comes through');
    // The gateway itself goes by the token alone.
    if (!isBehindProxy) return ok('there is no proxy, and the gateway believes none of them');
    const lines = passed.map((name) => `proxy_set_header ${name} "";`);
    return fail(`the proxy passes ${passed.join(', ')} of a client on`, lines.join(' '));
  },
};
