import { fail, ok, type OutsideCheck, skip, warn } from '../check.ts';
import type { Site } from '../site.ts';

const MOST_HOPS = 10;

export const redirect: OutsideCheck = {
  name: 'redirect',
  side: 'outside',
  looksAt: 'the way from http to https, and that it ends',
  needs: ['reachable'],
  symptoms: [
    {
      sees: 'redirect loop: "too many redirects"',
      cause:
        'https redirects to https again, as a proxy does that is told X-Forwarded-Proto: http, or a CDN that speaks http to it.',
      remedy:
        'redirect in the server of port 80 only, as `sallyport deploy nginx` writes it; a CDN has to speak https to it',
    },
    {
      sees: 'a POST to http:// arrives as a GET and is answered with 405',
      cause: 'The redirect is 301 or 302, which make a GET of a POST.',
      remedy: 'return 308 https://HOST$request_uri;',
    },
  ],
  async look(site, signal) {
    const secure = await walk(site, site.endpoint, signal);
    const loop =
      'redirect in the server of port 80 only: sallyport deploy nginx --out deploy/nginx, then reload nginx';
    if (secure.isLoop) return fail(`a redirect loop: ${secure.hops.join(' ▸ ')}`, loop);
    if (secure.hops.length > 1)
      return fail(
        `the endpoint redirects: ${secure.hops.join(' ▸ ')}; clients do not send a POST, or its token, on`,
        `give clients ${secure.hops.at(-1) ?? ''}, or answer at ${site.endpoint.href} itself`,
      );
    if (site.endpoint.protocol !== 'https:' || site.endpoint.port !== '')
      return skip('there is no port 80 to it');
    const plain = await walk(site, new URL(site.endpoint.href.replace(/^https:/, 'http:')), signal).catch(
      () => undefined,
    );
    if (!plain) return skip('port 80 does not answer');
    if (plain.isLoop) return fail(`a redirect loop: ${plain.hops.join(' ▸ ')}`, loop);
    if (plain.hops.at(-1)?.startsWith('http:'))
      return warn(
        'http is answered as it is: tokens may go unencrypted',
        'return 308 https://$host$request_uri;',
      );
    return plain.keeps
      ? ok(`http leads to https in ${plain.hops.length - 1} step`)
      : warn('the redirect makes a GET of a POST', 'return 308 https://$host$request_uri;');
  },
};

interface Walk {
  readonly hops: readonly string[];
  readonly isLoop: boolean;
  /** Every redirect keeps the method (307, 308). */
  readonly keeps: boolean;
}

/** Follows redirects as a browser does, but with nothing that anybody could want. */
async function walk(site: Site, start: URL, signal: AbortSignal): Promise<Walk> {
  const hops = [start.href];
  let keeps = true;
  for (let url = start; hops.length <= MOST_HOPS;) {
    const { status, headers } = await site.ask(url, { unverified: true }, signal);
    const target = status >= 300 && status < 400 ? headers.location : undefined;
    const next = target === undefined ? null : URL.parse(target, url.href);
    if (!next || !/^https?:$/.test(next.protocol)) return { hops, isLoop: false, keeps };
    keeps &&= status === 307 || status === 308;
    const isKnown = hops.includes(next.href);
    hops.push(next.href);
    if (isKnown) return { hops, isLoop: true, keeps };
    // Somebody else's address is none of our business.
    if (next.hostname !== site.endpoint.hostname) return { hops, isLoop: false, keeps };
    url = next;
  }
  return { hops, isLoop: true, keeps };
}
