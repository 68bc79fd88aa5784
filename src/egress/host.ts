import { isIP } from 'node:net';
import { parseAddress } from './address.ts';
import { EgressError, quoted } from './error.ts';

/** Where somebody wants to go: a DNS name, or an IP address. */
export interface Host {
  /** Lower-case ASCII without a dot at the end (`xn--…` for an international name), or the address. */
  readonly name: string;
  /** The address, when the text was one. */
  readonly address?: string;
}

/** RFC 1035, 2.3.4: a name has at most 255 octets on the wire, which is 253 characters. */
const MAX_NAME = 253;
/** Before percent-decoding and Punycode; three bytes a character, each as `%XX`, is the worst that still fits. */
const MAX_TEXT = 9 * MAX_NAME;
/** RFC 1035, 2.3.1, and the underscore that container networks use. Never a hyphen first: it would be an option. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * Reads a host as a browser would, so that nothing means one thing here and another to whoever connects: international
 * names, percent-encoding, full-width digits, and IPv4 in decimal, octal and hex all come out in their plain form.
 * @throws {EgressError} `invalid_host`
 */
export function parseHost(text: string): Host {
  const refuse = (why: string): never => {
    throw new EgressError(
      'invalid_host',
      `${quoted(text)} is not a host: ${why}. Give a name such as "example.com" or an IP address.`,
    );
  };
  if (text === '') refuse('it is empty');
  if (text.length > MAX_TEXT) refuse('it is too long');
  // The URL parser drops some of these without a word, and ends the host at others.
  if (/[\p{Cc}\s/\\?#@]/u.test(text)) refuse('it has a character that no host has');

  if (/^[^:]*:\d*$/.test(text)) refuse('a port does not belong to it');
  const unbracketed = text.replace(/^\[(.*)\]$/s, '$1');
  if (unbracketed.includes('%') && unbracketed.includes(':')) refuse('zone ids are not supported');
  const bracketed = unbracketed.includes(':') ? `[${unbracketed}]` : text;
  const parsed = URL.parse(`http://${bracketed}/`)?.hostname ?? refuse('it cannot be read as one');

  // RFC 1034, 3.1: the dot at the end is the root and says nothing more.
  const name = parsed.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  if (isIP(name) !== 0) {
    const address = parseAddress(name)?.toString() ?? name;
    return { name: address, address };
  }
  if (name.length > MAX_NAME) refuse(`it is longer than ${MAX_NAME} characters`);
  const bad = name.split('.').find((label) => !LABEL.test(label));
  if (bad !== undefined) refuse(`${quoted(bad)} cannot stand between its dots`);
  return { name };
}
