import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../../core/json.ts';
import type { Records } from '../../store/records.ts';
import { revokeClient, secretHash } from './adapter.ts';
import { clientMetadata } from './client-metadata.ts';

/** A client as a list shows it. */
export interface ClientInfo {
  readonly id: string;
  readonly name: string;
  readonly grants: readonly string[];
  readonly scope: string | undefined;
  readonly redirectUris: readonly string[];
  /** It registered itself. */
  readonly isDynamic: boolean;
}

export interface NewClient {
  readonly name: string;
  readonly grant: 'client_credentials' | 'authorization_code';
  readonly scope: string;
  /** Of authorization_code only. */
  readonly redirectUris: readonly string[];
  /** Without a secret: a program that anybody can look into. */
  readonly isPublic: boolean;
}

const KIND = 'Client';

/** Makes a client. Its secret is told here, once; what is kept is its hash. @throws {MetadataError} */
export function createClient(
  records: Records,
  client: NewClient,
): { id: string; secret: string | undefined } {
  const id = `client_${randomBytes(12).toString('base64url')}`;
  const secret = client.isPublic ? undefined : randomBytes(32).toString('base64url');
  const method = secret === undefined ? 'none' : 'client_secret_basic';
  const common: JsonObject = {
    client_name: client.name,
    scope: client.scope,
    token_endpoint_auth_method: method,
    ...(secret !== undefined && { client_secret: secretHash(secret) }),
    created_at: Date.now(),
  };
  const metadata =
    client.grant === 'client_credentials'
      ? { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], ...common }
      : {
          ...clientMetadata({ redirect_uris: [...client.redirectUris] }, false),
          ...common,
          scope: `${client.scope} offline_access`,
        };
  records.put(KIND, id, { client_id: id, ...metadata });
  return { id, secret };
}

export function listClients(records: Records): ClientInfo[] {
  return records.list(KIND).map(({ key, value }) => ({
    id: key,
    name: typeof value['client_name'] === 'string' ? value['client_name'] : key,
    grants: textsOf(value['grant_types']),
    scope: typeof value['scope'] === 'string' ? value['scope'] : undefined,
    redirectUris: textsOf(value['redirect_uris']),
    isDynamic: value['dynamic'] === true,
  }));
}

/** Ends a client, and whatever it holds, for whomever. @returns false where there is none of this id */
export function removeClient(records: Records, id: string): boolean {
  return records.transaction(() => {
    // One that is known by its document is in no list, and can be ended all the same.
    const isKnown = records.delete(KIND, id);
    const had = revokeClient(records, id);
    return isKnown || had;
  });
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
