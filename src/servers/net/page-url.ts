import { quoted } from '../../egress/error.ts';
import { parseHost } from '../../egress/host.ts';
import { ToolFailure } from './failure.ts';

/** How a caller says which page: by its URL, or in parts. */
export interface PageAddress {
  readonly url?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  readonly scheme?: 'http' | 'https' | undefined;
}

/**
 * The URL of the page that is meant.
 * @throws {ToolFailure} when that cannot be told
 * @throws {EgressError} `invalid_host`
 */
export function pageUrl({ url, host, port, path, scheme }: PageAddress): URL {
  if (url !== undefined) {
    if ([host, port, path, scheme].some((part) => part !== undefined)) {
      throw new ToolFailure('Give either url, or host with port, path and scheme, not both.');
    }
    return webUrl(url);
  }
  if (host === undefined) throw new ToolFailure('Give url, or host.');

  const { name } = parseHost(host);
  const made = new URL('http://localhost/');
  made.protocol = scheme ?? (port === undefined || port === 443 ? 'https' : 'http');
  made.hostname = name.includes(':') ? `[${name}]` : name;
  if (port !== undefined) made.port = String(port);
  // Set apart, so that a path such as `//elsewhere.example/` stays a path.
  const [pathname = '', ...query] = (path ?? '/').replace(/#.*$/s, '').split('?');
  made.pathname = pathname;
  made.search = query.join('?');
  return made;
}

/**
 * A URL that can be fetched, without its fragment.
 * @param base what a relative one is relative to
 * @throws {ToolFailure} when it is none
 */
export function webUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (!url) throw new ToolFailure(`${quoted(text)} is not a URL. Write it as "https://example.com/path".`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ToolFailure(`${quoted(text)} is neither http nor https; nothing else can be fetched.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new ToolFailure('The URL has a user name or password in it. Leave it out: it would not be sent.');
  }
  url.hash = '';
  return url;
}
