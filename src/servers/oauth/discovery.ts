import type { JsonObject } from '../../core/json.ts';
import type { Http } from './http.ts';
import { explain } from './tool.ts';

/** What was asked for, and what came: a document, or why there is none. */
export type Found =
  | { readonly url: string; readonly document: JsonObject }
  | { readonly url: string; readonly problem: string };

/** The metadata of the gateway's endpoint (RFC 9728). */
export function resourceMetadata(http: Http, base: string): Promise<Found> {
  const { origin, pathname } = new URL(`${base}/mcp`);
  return fetchDocument(http, `${origin}/.well-known/oauth-protected-resource${pathname}`);
}

/**
 * The metadata of an authorization server, at the places where clients look, in their order.
 * > MCP clients MUST … attempt multiple well-known endpoints (basic/authorization, "Authorization Server Metadata")
 */
export async function serverMetadata(http: Http, issuer: string): Promise<Found> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/+$/, '');
  const places = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  let first: Found | undefined;
  for (const place of new Set(places)) {
    // The next is asked only where the one before has nothing.
    const found = await fetchDocument(http, place);
    if ('document' in found) return found;
    first ??= found;
  }
  return first ?? { url: issuer, problem: 'it has no address' };
}

export async function fetchDocument(http: Http, url: string): Promise<Found> {
  try {
    const { status, json } = await http(url);
    if (status !== 200) return { url, problem: `it answered ${status}` };
    return json ? { url, document: json } : { url, problem: 'its answer is no JSON object' };
  } catch (error) {
    return { url, problem: explain(error) };
  }
}

export function textAt(document: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(document, name) ? document[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

export function textsAt(document: JsonObject, name: string): string[] {
  const value = Object.hasOwn(document, name) ? document[name] : undefined;
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
