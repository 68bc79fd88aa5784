import { isObject, type JsonObject } from '../core/json.ts';
import { META, MODERN_VERSION } from '../core/protocol.ts';
import type { Knock } from './knock.ts';

/** A request of 2026-07-28, which needs no handshake. */
export function mcpRequest(method: string, params: JsonObject = {}): Knock {
  const target = params['name'];
  const meta = {
    [META.protocolVersion]: MODERN_VERSION,
    [META.clientCapabilities]: {},
    [META.clientInfo]: { name: 'sallyport-doctor', version: '1' },
  };
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': MODERN_VERSION,
      'mcp-method': method,
      ...(typeof target === 'string' && { 'mcp-name': target }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }),
  };
}

/** The last message of an answer, from JSON or an event stream alike; undefined when there is none. */
export function messageIn(text: string): JsonObject | undefined {
  const lines = [...text.matchAll(/^data: ?(.*)$/gm)].map((match) => match[1] ?? '');
  for (const body of [...lines.toReversed(), text]) {
    const value = parsed(body);
    if (value && 'jsonrpc' in value) return value;
  }
  return undefined;
}

/** A JSON object, or undefined for anything else. */
export function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
