import { IncomingMessage } from 'node:http';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isObject } from '../../core/json.ts';
import { clientMetadata } from './client-metadata.ts';
import { DEFAULT_SCOPE } from './configuration.ts';
import { withoutSlash } from './resource.ts';

/** Bytes of the largest body that is read. */
const MOST_BYTES = 56 * 1024;

/** The body is larger than any that is meant for us. */
export class TooLarge extends Error {}

/** A request as the library is to see it. */
export interface Seen {
  /** Path and query, as if we were at the root. */
  readonly url: string;
  readonly prefix: string;
  readonly issuer: URL;
  readonly body?: string | undefined;
}

/**
 * A request like this one, as it is for somebody who knows us by our published address only: whatever stands in front, and
 * whatever a client says in `X-Forwarded-*`, every address in an answer is one of the issuer's.
 */
export function seenAs(req: IncomingMessage, { url, prefix, issuer, body }: Seen): IncomingMessage {
  const seen = new IncomingMessage(req.socket);
  seen.httpVersion = req.httpVersion;
  seen.httpVersionMajor = req.httpVersionMajor;
  seen.httpVersionMinor = req.httpVersionMinor;
  seen.method = req.method ?? 'GET';
  seen.url = url;
  seen.complete = true;
  const own = Object.entries(req.headers).filter(([name]) => !/^(?:x-)?forwarded/.test(name));
  Object.assign(seen.headers, Object.fromEntries(own), {
    host: issuer.host,
    'x-forwarded-proto': issuer.protocol.slice(0, -1),
    'x-forwarded-host': issuer.host,
  });
  // Koa finds out by it what is in front of `url`.
  Object.assign(seen, { originalUrl: `${prefix}${url}` });
  if (body !== undefined) {
    seen.headers['content-length'] = String(Buffer.byteLength(body));
    delete seen.headers['transfer-encoding'];
    seen.push(body);
  }
  seen.push(null);
  return seen;
}

/** The body of a request, as text. @throws {TooLarge} */
export async function bodyOf(req: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of req) {
    // Without an encoding, a request gives bytes.
    const bytes = piece as Buffer;
    size += bytes.length;
    if (size > MOST_BYTES) throw new TooLarge();
    pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/**
 * The parameters of an authorization or token request, as far as they mean something here. Clients ask for scopes of other
 * servers, and name a resource with and without a slash at its end.
 * @param scopes that there are
 */
export function parameters(
  given: URLSearchParams,
  scopes: readonly string[],
  isNeeded: boolean,
): URLSearchParams {
  const known = new Set([...scopes, 'offline_access']);
  const asked = given.getAll('scope');
  // > The authorization server MAY fully or partially ignore the scope requested by the client (RFC 6749, 3.3)
  if (asked.length === 1) {
    const taken = (asked[0] ?? '').split(' ').filter((scope) => known.has(scope));
    if (taken.length > 0) given.set('scope', taken.join(' '));
    else given.delete('scope');
  }
  if (isNeeded && asked.length < 2) {
    const scope = given.get('scope') ?? '';
    if (scope === '' || scope === 'offline_access') given.set('scope', `${DEFAULT_SCOPE} ${scope}`.trim());
  }
  const resources = given.getAll('resource').map(withoutSlash);
  if (resources.length > 0) {
    given.delete('resource');
    for (const resource of new Set(resources)) given.append('resource', resource);
  }
  return given;
}

/** A registration, as far as it is about what we offer. @throws {MetadataError} */
export function registration(text: string): string {
  const given = readObject(text);
  // What is no JSON object is for the library to refuse.
  return given ? JSON.stringify(clientMetadata({ ...given, client_id: null }, false)) : text;
}

function readObject(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
