import type { JsonObject } from '../core/json.ts';

/** Keys under this prefix are the protocol's own, and mean this connection: they are read here and not passed on. */
const RESERVED = 'io.modelcontextprotocol/';

/** What is left of `_meta` for the server: trace context and vendor keys. */
export function otherMeta(meta: JsonObject): JsonObject | undefined {
  let other: JsonObject | undefined;
  for (const [key, value] of Object.entries(meta)) {
    if (key === 'progressToken' || key === '__proto__' || key.startsWith(RESERVED)) continue;
    (other ??= {})[key] = value;
  }
  return other;
}
