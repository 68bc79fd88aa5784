import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { type Era, META, MODERN_VERSION } from '../core/protocol.ts';
import { failure, type Failure } from '../core/reply.ts';

/**
 * Which era a POSTed message belongs to: the ladder that the reference SDK climbs (its `classifyInboundRequest`), so
 * that no client finds us of another opinion.
 *
 * @param version the MCP-Protocol-Version header
 */
export function eraOf(message: JsonValue, version: string | undefined): Era | Failure {
  const modernHeader = version !== undefined && version >= MODERN_VERSION;
  if (Array.isArray(message)) {
    if (modernHeader || message.some((each) => claim(each) !== undefined))
      return failure('invalid_request', 'This protocol version has no batches.');
    return 'legacy';
  }
  if (!isObject(message)) return failure('invalid_request');
  const { method } = message;
  if (typeof method !== 'string')
    return modernHeader
      ? failure('invalid_request', 'Clients of this protocol version send no responses.')
      : 'legacy';
  // The handshake of old: only a whole envelope of the modern era makes it a modern request for a method that is gone.
  if (method === 'initialize' && !hasModernEnvelope(message))
    return modernHeader
      ? failure('header_mismatch', 'initialize belongs to an older protocol version.')
      : 'legacy';
  if (claim(message) !== undefined) return 'modern';
  if (!modernHeader) return 'legacy';
  if (message['id'] === undefined) return 'modern'; // A notification: the header decides.
  return failure('invalid_meta', `_meta["${META.protocolVersion}"] is missing.`);
}

/** What a message itself says of its version, if it says anything. */
function claim(message: JsonValue): JsonValue | undefined {
  return metaOf(message)?.[META.protocolVersion];
}

function hasModernEnvelope(message: JsonValue): boolean {
  const version = claim(message);
  return (
    typeof version === 'string' &&
    version >= MODERN_VERSION &&
    isObject(metaOf(message)?.[META.clientCapabilities])
  );
}

function metaOf(message: JsonValue): JsonObject | undefined {
  const params = isObject(message) ? message['params'] : undefined;
  const meta = isObject(params) ? params['_meta'] : undefined;
  return isObject(meta) ? meta : undefined;
}
