import type { Digits } from './digits.ts';

export const LEGACY_VERSION = '2025-11-25';
export const MODERN_VERSION = '2026-07-28';

/** How the client speaks: with a session (`initialize`), or statelessly with everything in each request. */
export type Era = 'legacy' | 'modern';

/** Where requests go. `headers` are whole lines, such as `authorization: Bearer …`. */
export interface Endpoint {
  host: string;
  port: number;
  path: string;
  headers: readonly string[];
}

export interface Call {
  era: Era;
  tool: 'echo' | 'blob';
  bytes: number;
}

const CLIENT_INFO = { name: 'sallyport-bench', version: '1' };
const COMMON_HEADERS = ['content-type: application/json', 'accept: application/json, text/event-stream'];

/** The bytes of one POST. */
export function post(endpoint: Endpoint, message: object, headers: readonly string[] = []): Buffer {
  const body = JSON.stringify(message);
  const lines = [
    `POST ${endpoint.path} HTTP/1.1`,
    `host: ${endpoint.host}:${endpoint.port}`,
    ...COMMON_HEADERS,
    ...endpoint.headers,
    ...headers,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'utf8');
}

export function initialize(endpoint: Endpoint): Buffer {
  const params = { protocolVersion: LEGACY_VERSION, capabilities: {}, clientInfo: CLIENT_INFO };
  return post(endpoint, { jsonrpc: '2.0', id: 0, method: 'initialize', params });
}

export function initialized(endpoint: Endpoint, session: readonly string[]): Buffer {
  return post(endpoint, { jsonrpc: '2.0', method: 'notifications/initialized' }, session);
}

export function sessionHeaders(sessionId: string | undefined): string[] {
  const version = `mcp-protocol-version: ${LEGACY_VERSION}`;
  return sessionId === undefined ? [version] : [version, `mcp-session-id: ${sessionId}`];
}

/** A `tools/call` whose id and canary are rewritten in place for each use. */
export class CallRequest {
  readonly #bytes: Buffer;
  readonly #offsets: readonly number[];
  readonly #expected: (digits: string) => string;

  /**
   * @param client number of the connection. Ids are the same on every connection, as with real clients, which all
   *   start to count at one; the canary is not, so an answer that goes to the wrong client is seen.
   */
  constructor(endpoint: Endpoint, call: Call, client: number, digits: Digits, session: readonly string[]) {
    const canary = `c${String(client).padStart(5, '0')}-`;
    const filler = '.'.repeat(Math.max(0, call.bytes - canary.length - digits.bytes.length));
    this.#expected = (id): string => (call.tool === 'echo' ? canary + id + filler : 'x'.repeat(call.bytes));
    const sent = digits.toString();
    const argument = call.tool === 'echo' ? { text: this.#expected(sent) } : { size: call.bytes };
    const meta = {
      'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
    };
    const modern = call.era === 'modern';
    const params = { name: call.tool, arguments: argument, ...(modern && { _meta: meta }) };
    const headers = modern
      ? [`mcp-protocol-version: ${MODERN_VERSION}`, 'mcp-method: tools/call', `mcp-name: ${call.tool}`]
      : session;
    const id = Number(sent);
    this.#bytes = post(endpoint, { jsonrpc: '2.0', id, method: 'tools/call', params }, headers);
    const offsets = [this.#bytes.indexOf(`"id":${sent}`) + '"id":'.length];
    if (call.tool === 'echo') offsets.push(this.#bytes.indexOf(canary + sent) + canary.length);
    this.#offsets = offsets;
  }

  /** The request with these digits. The same buffer each time: it must be sent before the next call. */
  with(digits: Digits): Buffer {
    digits.writeInto(this.#bytes, this.#offsets);
    return this.#bytes;
  }

  /** The text that must come back. */
  expectedText(digits: Digits): string {
    return this.#expected(digits.toString());
  }
}
