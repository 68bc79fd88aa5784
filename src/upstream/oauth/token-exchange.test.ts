import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HttpServer } from '../../config/schema.ts';
import type { Principal } from '../../core/principal.ts';
import { SubjectTokens } from './subject-tokens.ts';
import { TokenExchange } from './token-exchange.ts';

const ISSUER = 'https://idp.example';
const SERVER: HttpServer = {
  kind: 'http',
  url: 'https://far.example/mcp',
  headers: {},
  type: undefined,
  auth: { grant: 'token_exchange', issuer: ISSUER, clientId: 'me', clientSecret: 'secret' },
};

/** An exchange with an authorization server that answers so. */
function exchange(
  answer: (form: URLSearchParams, count: number) => object | number,
  subject = () => 'theirs',
) {
  const forms: URLSearchParams[] = [];
  const problems: string[] = [];
  const fetch = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    if (init.method !== 'POST')
      return Response.json({
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/authorize`,
        token_endpoint: `${ISSUER}/token`,
        response_types_supported: ['code'],
      });
    expect(String(url)).toBe(`${ISSUER}/token`);
    const form = new URLSearchParams(init.body instanceof URLSearchParams ? init.body : '');
    forms.push(form);
    const said = answer(form, forms.length);
    return typeof said === 'number'
      ? Response.json({ error: 'invalid_target' }, { status: said })
      : Response.json({ token_type: 'Bearer', ...said });
  };
  const warn = (problem: string): void => void problems.push(problem);
  return { forms, problems, credentials: new TokenExchange({ server: SERVER, subject, fetch, warn }) };
}

describe('a token that is exchanged', () => {
  it('is asked for once by many calls at once, and kept until it ends', async () => {
    const { forms, credentials } = exchange((_form, count) => ({
      access_token: `t${count}`,
      expires_in: 600,
    }));
    const all = await Promise.all([1, 2, 3].map(() => credentials.headers()));
    expect(all).toEqual(all.map(() => ({ authorization: 'Bearer t1' })));
    expect(forms).toHaveLength(1);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 545_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await credentials.headers(), 'a minute before its end').toEqual({ authorization: 'Bearer t2' });
  });

  it('is another one when the caller comes with another, and when the server refuses it', async () => {
    let theirs = 'first';
    const { credentials } = exchange(
      (form, count) => ({ access_token: `${form.get('subject_token')}-${count}`, expires_in: 600 }),
      () => theirs,
    );
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer first-1' });
    theirs = 'second';
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer second-2' });
    expect(await credentials.renew()).toBe(true);
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer second-3' });
  });

  it.each<[string, object | number, RegExp]>([
    ['refuses', 400, /^the authorization server answered 400 invalid_target$/],
    ['gives the same token back', { access_token: 'theirs' }, /the same token back/],
    ['gives no token', {}, /no bearer token/],
    ['gives one of another kind', { access_token: 'x', token_type: 'DPoP' }, /no bearer token/],
  ])('is none where the authorization server %s', async (_what, answer, problem) => {
    const { credentials, problems } = exchange(() => answer);
    expect(await credentials.headers()).toEqual({});
    expect(await credentials.renew()).toBe(false);
    expect(problems[0]).toMatch(problem);
    expect(problems.join()).not.toMatch(/theirs|secret/);
  });
});

describe('the tokens that callers came with', () => {
  const caller = (id: string, via: Principal['via'] = 'jwt'): Principal => ({ id, via });

  it('are the last ones, and never those that this gateway made', () => {
    const tokens = new SubjectTokens();
    tokens.keep(caller('a'), 'Bearer one');
    tokens.keep(caller('a'), 'bearer two');
    tokens.keep(caller('b', 'token'), 'Bearer sp_x');
    tokens.keep(caller('c', 'basic'), 'Basic eDp5');
    tokens.keep(caller('d'), undefined);
    expect(['a', 'b', 'c', 'd'].map((id) => tokens.of(id))).toEqual(['two', undefined, undefined, undefined]);
  });

  it('are so many, and no more', () => {
    const tokens = new SubjectTokens();
    for (let n = 0; n <= 10_000; n += 1) tokens.keep(caller(`u${n}`), `Bearer t${n}`);
    expect([tokens.of('u0'), tokens.of('u1'), tokens.of('u10000')]).toEqual([undefined, 't1', 't10000']);
  });
});
