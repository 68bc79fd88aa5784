import { isHost, type Reading } from './units.ts';

/** The address by which clients know the gateway: `https://HOST[:PORT][/PREFIX]`, without a slash at the end. */
export function parsePublicUrl(text: string): Reading<string> {
  const url = URL.parse(text);
  if (!url) return { problem: 'This is not a URL.', hint: 'https://HOST, or https://HOST/PREFIX.' };
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackName(url.hostname))) {
    return { problem: 'The public URL begins with https://.', hint: 'Only localhost may go without.' };
  }
  if (url.username || url.password || url.search || url.hash) {
    return { problem: 'The public URL is a host and perhaps a path: no user, no query, no fragment.' };
  }
  if (url.pathname.length > 200) return { problem: 'The path of the public URL is too long.' };
  return { value: url.origin + url.pathname.replace(/\/+$/, '') };
}

/** The URL of a remote server. */
export function parseServerUrl(text: string): Reading<string> {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return { problem: 'This is not an http:// or https:// URL.' };
  }
  // They would go nowhere, and stand in logs and error messages.
  if (url.username || url.password)
    return {
      problem: 'A URL has no user and no password.',
      hint: 'Write a header: headers: { Authorization: "Basic ${env:…}" }.',
    };
  // URL takes more for a host than a name that can be looked up.
  if (!isHost(url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')))
    return { problem: 'The host of this URL is neither a name nor an IP address.' };
  return { value: text };
}

/** A `Host` header's value that is let in: a host, and a port where one is to be demanded. In lower case. */
export function parseAllowedHost(text: string): Reading<string> {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(text) ?? [];
  if (isHost(bracketed ?? plain ?? '')) return { value: text.toLowerCase() };
  return {
    problem: 'This is not a host.',
    hint: 'A name or an address, with or without a port; no wildcard.',
  };
}

/** An `Origin` header's value that is let in: `https://HOST[:PORT]`, or one of an app, `vscode-webview://ID`. */
export function parseAllowedOrigin(text: string): Reading<string> {
  const url = /^[a-z][a-z\d+.-]*:\/\/[^/?#@\s]+$/i.test(text) ? URL.parse(text) : null;
  // Only the schemes of the web have an origin in URL's eyes; it drops the default port as browsers do.
  if (url) return { value: url.origin === 'null' ? text : url.origin };
  return {
    problem: 'This is not an origin.',
    hint: 'Scheme, host and perhaps a port, and nothing after: https://app.example.com.',
  };
}

function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d+){3}$/.test(host);
}
