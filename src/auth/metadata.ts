import type { IncomingMessage } from 'node:http';
import { METADATA_PATH } from '../wire/challenge.ts';

/** Whom this gateway sends its clients to for a token. */
export interface Protected {
  /** The authorization servers; the first one is the one that most clients use. */
  readonly issuers: readonly string[];
  /** What a token has to be for; clients ask for no more than this. */
  readonly scopes: readonly string[];
}

const ENDPOINT = /^(?:\/mcp|\/sse|\/servers\/(?!\.+\/)[\w.-]{1,64}\/(?:mcp|sse))$/;

/** The gateway as this client knows it: its published address, else the name that it called, which the door has checked. */
export function baseOf({ headers, socket }: IncomingMessage, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return publicUrl;
  const isSecure = 'encrypted' in socket && socket.encrypted === true;
  return `${isSecure ? 'https' : 'http'}://${headers.host ?? 'localhost'}`;
}

/**
 * The metadata of an endpoint (RFC 9728), at both places where clients look: with the path of the endpoint behind the
 * well-known one, and at the root, where it is that of all servers.
 * @param path of the request, without its query
 * @param prefix that `publicUrl` has; it stands before or behind the well-known path, as a proxy passes it on
 * @returns undefined when nothing is described at this path
 */
export function metadataAt(
  path: string,
  base: string,
  prefix: string,
  { issuers, scopes }: Protected,
): Record<string, unknown> | undefined {
  const plain = path.startsWith(`${prefix}/.well-known/`) ? path.slice(prefix.length) : path;
  if (plain !== METADATA_PATH && !plain.startsWith(`${METADATA_PATH}/`)) return undefined;
  const rest = plain.slice(METADATA_PATH.length).replace(/\/$/, '');
  const endpoint = prefix !== '' && rest.startsWith(`${prefix}/`) ? rest.slice(prefix.length) : rest;
  if (endpoint !== '' && endpoint !== prefix && !ENDPOINT.test(endpoint)) return undefined;
  return {
    resource: `${base}${ENDPOINT.test(endpoint) ? endpoint : '/mcp'}`,
    authorization_servers: issuers,
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    resource_name: 'Sallyport',
  };
}
