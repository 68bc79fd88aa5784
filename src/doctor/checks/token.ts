import { pino } from 'pino';
import { fail, type Finding, ok, type OutsideCheck, skip } from '../check.ts';
import { mcpRequest, parsed } from '../mcp.ts';
import type { Patient } from '../patient.ts';
import type { Site } from '../site.ts';

/** Long enough to be carried around once. Seconds. */
const SECONDS = 30;

export const token: OutsideCheck = {
  name: 'token',
  side: 'outside',
  looksAt: 'a token on its whole way: issued, presented, checked, and a wrong one refused',
  needs: ['answers', 'unauthorized', 'clock'],
  symptoms: [
    {
      sees: '401 with a token that was just issued',
      cause: 'The proxy takes Authorization away; the audience is another one; or the clock is wrong.',
      remedy:
        'no auth_basic and no proxy_set_header Authorization in the proxy; sallyport doctor --public URL',
    },
  ],
  async look(site, signal, patient) {
    const wrong = await knockWith(site, 'sp_wrong', signal);
    if (wrong !== 401)
      return fail(
        `a wrong token is answered with ${wrong}, not 401`,
        'let Authorization through to the gateway',
      );
    if (site.token !== undefined) {
      const unbound = withoutAudience(site.token);
      if (unbound) return unbound;
      const status = await knockWith(site, site.token, signal);
      if (status !== 200)
        return fail(
          `the token is answered with ${status}`,
          'let Authorization through; give another one with --token',
        );
    }
    const issued = await roundTrip(site, patient, signal);
    return (
      issued ??
      (site.token === undefined ? skip('--token is needed') : ok('a right one is taken, a wrong one is not'))
    );
  },
};

async function knockWith(site: Site, value: string, signal: AbortSignal): Promise<number> {
  const asked = mcpRequest('tools/list');
  const headers = { ...asked.headers, authorization: `Bearer ${value}` };
  return (await site.ask(site.endpoint, { ...asked, headers }, signal)).status;
}

/** A JWT that is for nobody in particular could be presented anywhere. */
function withoutAudience(value: string): Finding | undefined {
  const [, payload, signature] = value.split('.');
  const claims =
    signature === undefined ? undefined : parsed(Buffer.from(payload ?? '', 'base64url').toString());
  return claims && claims['aud'] === undefined
    ? fail(
        'the token has no audience: it could be presented anywhere',
        'let the issuer put aud into its tokens (the resource parameter, RFC 8707)',
      )
    : undefined;
}

/** Where the authorization server is ours, and its store is here: a token that opens nothing but a greeting. */
async function roundTrip(
  site: Site,
  { config, records }: Patient,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const own = config?.loaded?.config;
  if (!own?.auth?.server || !(await records())) return undefined;
  // The most there is to load, for the few who have one.
  const { openWithin } = await import('../../auth/server/within.ts');
  const within = await openWithin(own, records, pino({ level: 'silent' }));
  if (!within) return undefined;
  try {
    const { token: value } = await within.own.testToken(SECONDS);
    const headers = { authorization: `Bearer ${value}` };
    const url = site.at(within.hello);
    const [right, without] = [await site.ask(url, { headers }, signal), await site.ask(url, {}, signal)];
    if (right.status !== 200)
      return fail(
        `${within.hello} answers ${right.status} to a token that was just issued`,
        `let ${within.hello} lead to the gateway, Authorization and all`,
      );
    return without.status === 401
      ? ok('issued, signed, presented from outside, and taken; without it 401')
      : fail(
          `${within.hello} answers ${without.status} without a token`,
          `let ${within.hello} lead to the gateway`,
        );
  } finally {
    await within.close();
  }
}
