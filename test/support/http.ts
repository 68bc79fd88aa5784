import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { Gateway } from './gateway.ts';

/** Where a gateway is, and the token for it. */
export type Target = Pick<Gateway, 'port' | 'token'>;

/** A JSON-RPC message as a test reads it. */
export interface Message {
  jsonrpc?: string;
  id?: unknown;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { code: number; message: string; data?: Record<string, unknown> };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The JSON-RPC messages of the body, from JSON or an event stream alike, in order. */
  readonly messages: Message[];
  /** The last of them: the answer to the request. */
  readonly last: Message;
}

export interface RequestOptions {
  method?: string;
  path?: string;
  /** Sent as they are, after the usual ones; undefined takes a usual one away. */
  headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  body?: string | Buffer;
  timeoutMs?: number;
}

/** No connection is used twice: what one test does to a connection must not show in another. */
const agent = new Agent({ keepAlive: false });

/** A request whose answer is still coming, or never will. */
export interface Exchange {
  /** The status, as soon as the head of the answer is there. */
  readonly status: Promise<number>;
  /** Resolves when the answer is complete; rejects when the connection broke before. */
  readonly answer: Promise<Answer>;
  /** What has come of the body. */
  text(): string;
  /** Breaks the connection. */
  close(): void;
}

/** Begins an HTTP request to the gateway, with its token and the headers of a client unless told otherwise. */
export function begin(gateway: Target, options: RequestOptions = {}): Exchange {
  const headers = Object.entries({
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    authorization: gateway.token === undefined ? undefined : `Bearer ${gateway.token}`,
    ...options.headers,
  }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const request = httpRequest({
    host: '127.0.0.1',
    port: gateway.port,
    method: options.method ?? 'POST',
    path: options.path ?? '/mcp',
    headers: Object.fromEntries(headers) as Record<string, string>,
    agent,
  });
  const head = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
  const chunks: Buffer[] = [];
  const text = (): string => Buffer.concat(chunks).toString('utf8');
  const answer = head.then(
    (response) =>
      new Promise<Answer>((resolve, reject) => {
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(answerOf(response.statusCode ?? 0, response.headers, text())));
      }),
  );
  const status = head.then((response) => response.statusCode ?? 0);
  // Whoever closes an exchange need not look at how it ended.
  for (const promise of [answer, status]) promise.catch(() => {});
  request.end(options.body);
  return { status, answer, text, close: () => request.destroy(new Error('closed by the test')) };
}

/** One HTTP request to the gateway and its whole answer. */
export async function send(gateway: Target, options: RequestOptions = {}): Promise<Answer> {
  const exchange = begin(gateway, options);
  const ms = options.timeoutMs ?? 30_000;
  const timer = setTimeout(() => exchange.close(), ms);
  try {
    return await exchange.answer;
  } catch (error) {
    throw new Error(`no answer to ${options.method ?? 'POST'} ${options.path ?? '/mcp'}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** The same with a JSON body. */
export function post(gateway: Target, body: unknown, options: RequestOptions = {}): Promise<Answer> {
  return send(gateway, { ...options, body: JSON.stringify(body) });
}

function answerOf(status: number, headers: IncomingHttpHeaders, text: string): Answer {
  const isStream = headers['content-type']?.startsWith('text/event-stream') === true;
  const bodies = isStream ? [...text.matchAll(/^data: ?(.*)$/gm)].map((match) => match[1] ?? '') : [text];
  const messages = bodies.flatMap((body) => {
    try {
      const parsed = JSON.parse(body) as Message | Message[];
      return Array.isArray(parsed) ? parsed : [parsed];
    } catch {
      return [];
    }
  });
  return { status, headers, text, messages, last: messages.at(-1) ?? {} };
}

const META = 'io.modelcontextprotocol/';

/** The `_meta` that every request of 2026-07-28 carries. */
export const MODERN_META: Readonly<Record<string, unknown>> = {
  [`${META}protocolVersion`]: '2026-07-28',
  [`${META}clientCapabilities`]: {},
  [`${META}clientInfo`]: { name: 'test', version: '1' },
};

export type ModernOptions = RequestOptions & { id?: unknown; meta?: Record<string, unknown> };

/** A complete request of 2026-07-28 for `begin` and `send`: envelope, headers and all. */
export function modernRequest(
  method: string,
  params: Record<string, unknown> = {},
  options: ModernOptions = {},
): RequestOptions {
  const target = method === 'resources/read' ? params['uri'] : params['name'];
  const id = options.id === undefined ? 1 : options.id;
  const message = {
    jsonrpc: '2.0',
    id,
    method,
    params: { ...params, _meta: { ...MODERN_META, ...options.meta } },
  };
  const name = typeof target === 'string' ? { 'mcp-name': target } : {};
  return {
    ...options,
    body: JSON.stringify(message),
    headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...name, ...options.headers },
  };
}

/** The same, sent. */
export function modern(
  gateway: Target,
  method: string,
  params: Record<string, unknown> = {},
  options: ModernOptions = {},
): Promise<Answer> {
  return send(gateway, modernRequest(method, params, options));
}

/** `tools/call` at 2026-07-28. */
export function callTool(
  gateway: Target,
  name: string,
  input: Record<string, unknown> = {},
  options: ModernOptions = {},
): Promise<Answer> {
  return modern(gateway, 'tools/call', { name, arguments: input }, options);
}

/** The text of a tool's first content block. */
export function textOf(answer: { last: Message } | Record<string, unknown>): string | undefined {
  const result = ('last' in answer ? (answer.last as Message).result : answer) as
    | { content?: { text?: string }[] }
    | undefined;
  return result?.content?.[0]?.text;
}

/** A session of a version with `initialize`. */
export class Session {
  readonly id: string;
  readonly hello: Record<string, unknown>;
  readonly #gateway: Target;
  readonly #options: RequestOptions;
  readonly #version: string;
  #nextId = 1;

  private constructor(gateway: Target, options: RequestOptions, version: string, answer: Answer) {
    this.#gateway = gateway;
    this.#options = options;
    this.#version = version;
    this.id = String(answer.headers['mcp-session-id']);
    this.hello = answer.last.result ?? {};
  }

  static async open(
    gateway: Target,
    options: RequestOptions & { version?: string; capabilities?: Record<string, unknown> } = {},
  ): Promise<Session> {
    const version = options.version ?? '2025-11-25';
    const clientInfo = { name: 'test', version: '1' };
    const params = { protocolVersion: version, capabilities: options.capabilities ?? {}, clientInfo };
    const answer = await post(gateway, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, options);
    if (answer.status !== 200) throw new Error(`initialize: ${answer.status} ${answer.text}`);
    const session = new Session(gateway, options, version, answer);
    await session.notify('notifications/initialized');
    return session;
  }

  get headers(): Record<string, string> {
    return { 'mcp-session-id': this.id, 'mcp-protocol-version': this.#version };
  }

  request(
    method: string,
    params: Record<string, unknown> = {},
    id: unknown = this.#nextId++,
  ): Promise<Answer> {
    return this.post({ jsonrpc: '2.0', id, method, params });
  }

  notify(method: string, params: Record<string, unknown> = {}): Promise<Answer> {
    return this.post({ jsonrpc: '2.0', method, params });
  }

  call(name: string, input: Record<string, unknown> = {}, id?: unknown): Promise<Answer> {
    return this.request('tools/call', { name, arguments: input }, id ?? this.#nextId++);
  }

  post(body: unknown): Promise<Answer> {
    return post(this.#gateway, body, {
      ...this.#options,
      headers: { ...this.headers, ...this.#options.headers },
    });
  }

  close(): Promise<Answer> {
    return send(this.#gateway, {
      ...this.#options,
      method: 'DELETE',
      headers: { ...this.headers, ...this.#options.headers },
    });
  }
}

/**
 * Writes bytes to the gateway's port as they are and gives back everything that comes until the other side closes.
 * @param text sent as latin1
 */
export function raw(gateway: Target, text: string, timeoutMs = 30_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(gateway.port, '127.0.0.1', () => socket.write(text, 'latin1'));
    let received = '';
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the connection was still open after ${timeoutMs} ms; it said: ${received}`));
    }, timeoutMs);
    socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk));
    // A reset after the answer is a way of closing, too.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
  });
}
