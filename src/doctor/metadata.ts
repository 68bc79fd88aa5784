import type { JsonObject } from '../core/json.ts';
import { parsed } from './mcp.ts';
import type { Site } from './site.ts';

const RESOURCE = '/.well-known/oauth-protected-resource';
const SERVER = '/.well-known/oauth-authorization-server';
const OPENID = '/.well-known/openid-configuration';

/** What the endpoint says of itself (RFC 9728), at the well-known place with its path; undefined when it says nothing. */
export async function resourceMetadata(site: Site, signal: AbortSignal): Promise<JsonObject | undefined> {
  const { status, text } = await site.ask(site.at(`${RESOURCE}${site.endpoint.pathname}`), {}, signal);
  return status === 200 ? parsed(text) : undefined;
}

/** Where the endpoint sends its clients for a token. */
export function issuersOf(metadata: JsonObject): readonly string[] {
  const { authorization_servers: all } = metadata;
  return Array.isArray(all) ? all.filter((each) => typeof each === 'string') : [];
}

/**
 * What an authorization server says of itself, at the places where clients look (RFC 8414, section 3.1, and OpenID
 * Connect Discovery): the well-known path before that of the issuer, else behind it.
 */
export async function serverMetadata(
  site: Site,
  issuer: string,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  const url = URL.parse(issuer);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  const path = url.pathname.replace(/\/$/, '');
  const places = [`${SERVER}${path}`, `${OPENID}${path}`, `${path}${OPENID}`];
  for (const place of places) {
    const { status, text } = await site.ask(new URL(place, url), {}, signal);
    const found = status === 200 ? parsed(text) : undefined;
    if (found) return found;
  }
  return undefined;
}
