import { META, MODERN_VERSION } from '../core/protocol.ts';
import { authorization } from './connection.ts';
import type { ClientGuide, Connection } from './connection.ts';
import { shellLine } from './shell.ts';

/**
 * curl: the tools in one request. Protocol 2026-07-28 needs no handshake; in exchange every request names its version
 * and the client's capabilities in `_meta`, and repeats version and method in headers that must agree with the body.
 */
export function curl(connection: Connection): ClientGuide {
  const body = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/list',
    params: {
      _meta: {
        [META.protocolVersion]: MODERN_VERSION,
        [META.clientCapabilities]: {},
      },
    },
  };
  const value = authorization(connection);
  const headers = [
    ...(value === null ? [] : [`Authorization: ${value}`]),
    'Content-Type: application/json',
    'Accept: application/json, text/event-stream',
    `MCP-Protocol-Version: ${MODERN_VERSION}`,
    `Mcp-Method: ${body.method}`,
  ];
  const words = ['curl', '-sS', connection.endpoint, ...headers.flatMap((header) => ['-H', header])];
  return {
    id: 'curl',
    title: 'curl',
    snippets: [
      { kind: 'command', text: shellLine([...words, '-d', JSON.stringify(body)], connection.platform) },
    ],
  };
}
