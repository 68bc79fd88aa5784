import type { Http } from './http.ts';
import { failed, ok, type Step } from './step.ts';

/** Who comes without a token is told where to get one (RFC 9728, 5.1). */
export async function checkChallenge(http: Http, base: string): Promise<Step> {
  const step = 'challenge';
  const { status, header } = await http(`${base}/mcp`, {
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: '{}',
  });
  if (status !== 401)
    return failed(
      step,
      `without a token, POST ${base}/mcp answered ${status}`,
      status === 400
        ? 'The gateway lets everybody in. Start it without --no-auth.'
        : 'The answer has to be the 401 of the gateway: a proxy in front answers for it.',
    );
  const challenge = header('www-authenticate') ?? '';
  const url = /\bresource_metadata="([^"]+)"/.exec(challenge)?.[1];
  if (url === undefined)
    return failed(
      step,
      'WWW-Authenticate does not name the metadata',
      'Nobody issues tokens for this gateway, or a proxy in front removes the header.',
    );
  if (!url.startsWith(base.replace(/^(https?:\/\/[^/]+).*$/, '$1')))
    return failed(step, `it leads clients to ${url}`, 'Set publicUrl to the address that clients type.');
  return ok(step, `401, and the way to ${url}`);
}

/** A good token opens the door; none, and one with another signature, do not. */
export async function checkCall(http: Http, url: string, token: string): Promise<Step> {
  const step = 'protected_call';
  const statusWith = async (presented: string | undefined): Promise<number> => {
    const request = presented === undefined ? {} : { headers: { authorization: `Bearer ${presented}` } };
    return (await http(url, request)).status;
  };
  const good = await statusWith(token);
  if (good !== 200)
    return failed(
      step,
      `GET ${url} with a good token answered ${good}`,
      good === 401
        ? 'A proxy in front may remove the Authorization header; if not, the log at level debug says which check the token failed.'
        : 'Check that the proxy in front passes this path on.',
    );
  const [none, forged] = [await statusWith(undefined), await statusWith(withAnotherSignature(token))];
  if (none !== 401 || forged !== 401)
    return failed(
      step,
      `GET ${url} answered ${none} without a token, and ${forged} with a forged one; both have to be 401`,
      'Something in front answers for the gateway, such as a cache: it must pass every request on.',
    );
  return ok(step, `GET ${url}: 200 with the token, 401 without one and with a forged one`);
}

/** A token that is for something else does not open the endpoint. */
export async function checkAudience(http: Http, base: string, token: string): Promise<Step> {
  const step = 'audience';
  const { status } = await http(`${base}/mcp`, {
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: '{}',
  });
  if (status === 401) return ok(step, 'a token for something else does not open /mcp');
  return failed(
    step,
    `POST ${base}/mcp with a token for something else answered ${status}`,
    'Whatever answers there does not check the audience of tokens. Report it if it is this gateway.',
  );
}

function withAnotherSignature(token: string): string {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const [first = 0] = bytes;
  bytes.set([first ^ 1], 0);
  return `${header}.${claims}.${bytes.toString('base64url')}`;
}
