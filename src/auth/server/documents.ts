import { fetch } from 'undici';
import { isObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { guardedAgent } from '../../egress/agent.ts';
import { EgressPolicy } from '../../egress/policy.ts';
import { clientMetadata, MetadataError } from './client-metadata.ts';
import { pinnedDocument } from './vendors.ts';

/** Bytes of the largest document that is read. */
const MOST_BYTES = 64 * 1024;
const TIMEOUT_MS = 2000;

/**
 * Fetches what clients say of themselves at their `https` address, through the guard on outgoing connections: the address
 * is theirs, and could be one of ours.
 */
export class Documents {
  readonly #dispatcher;

  /** @param allow addresses besides public ones */
  constructor(allow: readonly string[]) {
    this.#dispatcher = guardedAgent(new EgressPolicy({ allow: [...allow] }), { keepAliveTimeout: 1000 });
  }

  /** What oidc-provider asks for: the document of a client, or its keys. */
  readonly fetch = async (target: string | URL | Request): Promise<Response> => {
    const url = target instanceof Request ? target.url : String(target);
    const document = (await this.#read(url)) ?? pinnedDocument(url);
    if (!document) return new Response(null, { status: 404 });
    // A set of keys is what it is; a document is read as what we can make of it.
    if (Array.isArray(document['keys'])) return Response.json(document);
    try {
      return Response.json(clientMetadata({ ...document, scope: null }, true), {
        headers: { 'cache-control': 'max-age=3600' },
      });
    } catch (error) {
      if (error instanceof MetadataError) return new Response(null, { status: 422 });
      throw error;
    }
  };

  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async #read(url: string): Promise<JsonObject | undefined> {
    try {
      const answer = await fetch(url, {
        dispatcher: this.#dispatcher,
        headers: { accept: 'application/json' },
        // > … MUST NOT automatically follow HTTP redirects (draft-ietf-oauth-client-id-metadata-document, 5.)
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await readText(answer.body);
      const value = answer.status === 200 ? (JSON.parse(text) as JsonValue) : undefined;
      return isObject(value) ? value : undefined;
    } catch {
      // What is not there, not allowed, too large or no JSON is one thing to whoever asks: no document.
      return undefined;
    }
  }
}

async function readText(body: AsyncIterable<unknown> | null): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    if (!(piece instanceof Uint8Array)) continue;
    size += piece.length;
    if (size > MOST_BYTES) throw new TypeError('the document is too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
