/** What the tests of this folder share: the edge on a real socket, a handler that waits for the test, and a client. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Call } from '../core/call.ts';
import type { Handler } from '../core/handler.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { META, MODERN_VERSION } from '../core/protocol.ts';
import { type Reply, result } from '../core/reply.ts';
import { Inbound, type InboundOptions } from './inbound.ts';

/** Headers of the test alone: who calls, and at the endpoint of which server. Authentication is another room. */
const PRINCIPAL = 'x-test-principal';
const SCOPE = 'x-test-scope';

export interface ServeOptions {
  /** Answers every call that a client made. By default with `{}`. */
  handle?: Handler;
  /** What a legacy client is greeted with. By default a server without capabilities. */
  discover?: Handler;
  /** What a legacy client hears outside of its calls. By default nothing. */
  listen?: Handler;
  bodyBytes?: number;
  publicPath?: string;
  sessions?: Partial<InboundOptions['sessions']>;
}

export type Headers = Readonly<Record<string, string | undefined>>;

export interface Sent {
  method?: string;
  /** `/mcp` by default; `/sse` and `/messages?…` are the halves of HTTP+SSE. */
  path?: string;
  /** After those every client sends; undefined takes one of them away. */
  headers?: Headers;
  body?: string | Buffer;
  /** With chunked transfer encoding instead of a Content-Length. */
  chunked?: boolean;
}

export interface Message {
  id?: unknown;
  method?: string;
  params?: JsonObject;
  result?: JsonObject;
  error?: { code: number; message: string; data?: JsonObject };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body, byte by byte (latin1). */
  readonly wire: string;
  /** Is it an event stream? */
  readonly streamed: boolean;
  /** The JSON text of each message, from JSON and event streams alike. */
  readonly texts: string[];
  readonly messages: Message[];
  /** The last message: the answer itself. Empty where there is none. */
  readonly last: Message;
}

/** A request under way. */
export interface Underway {
  /** The status, once the head of the answer is there. */
  readonly status: Promise<number>;
  /** Rejects when the connection breaks before the answer is complete, and when there is something in it but JSON. */
  readonly answer: Promise<Answer>;
  /** What has come of the body. */
  received(): string;
  /** Breaks the connection. */
  drop(): void;
}

export interface Endpoint extends AsyncDisposable {
  readonly inbound: Inbound;
  readonly port: number;
  begin(sent: Sent): Underway;
  send(sent: Sent): Promise<Answer>;
  /** A message, or text that shall pass for one. */
  post(message: JsonValue | string, headers?: Headers): Promise<Answer>;
  /** A complete request of 2026-07-28, its parts replaced where the test says so. */
  modern(method: string, params?: JsonObject, changes?: ModernChanges): Promise<Answer>;
  /** Opens a session of a version with `initialize` and returns the headers that go with it. */
  open(params?: JsonObject, headers?: Headers): Promise<Record<string, string>>;
}

export interface ModernChanges {
  id?: JsonValue;
  /** Merged into `_meta`; undefined takes a key away. */
  meta?: Readonly<Record<string, JsonValue | undefined>>;
  headers?: Headers;
}

/** Puts the edge on a port of its own. */
export async function serve(options: ServeOptions = {}): Promise<Endpoint> {
  const { handle = () => Promise.resolve(result({})) } = options;
  const { discover = () => Promise.resolve(result({ capabilities: {} })), listen = untilCancelled } = options;
  const inbound = new Inbound({
    handle: (call) => {
      // These the edge asks for by itself, for its legacy clients.
      if (call.client.era === 'legacy' && call.method === 'server/discover') return discover(call);
      if (call.client.era === 'legacy' && call.method === 'subscriptions/listen') return listen(call);
      return handle(call);
    },
    self: { name: 'edge', version: '1.2.3' },
    bodyBytes: options.bodyBytes ?? 1_000_000,
    publicPath: options.publicPath ?? '',
    sessions: { sessions: 100, sessionsPerPrincipal: 100, ttlMs: 60_000, ...options.sessions },
  });
  const server = createServer((req, res) => {
    const id = header(req, PRINCIPAL) ?? 'alice';
    const [, path] = /^\/(sse|messages)/.exec(req.url ?? '') ?? [];
    const part = path === 'sse' || path === 'messages' ? path : 'mcp';
    inbound.receive(req, res, { principal: { id, via: 'token' } }, header(req, SCOPE), part);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const send = (sent: Sent): Promise<Answer> => begin(port, sent).answer;
  const post = (message: JsonValue | string, headers: Headers = {}): Promise<Answer> =>
    send({ headers, body: typeof message === 'string' ? message : JSON.stringify(message) });
  return {
    inbound,
    port,
    begin: (sent) => begin(port, sent),
    send,
    post,
    modern: (method, params = {}, changes = {}) => send(modern(method, params, changes)),
    async open(params = {}, headers = {}) {
      const hello = {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'c', version: '1' },
      };
      const greeting = { jsonrpc: '2.0', id: 0, method: 'initialize', params: { ...hello, ...params } };
      const answer = await post(greeting, headers);
      const session = answer.headers['mcp-session-id'];
      if (typeof session !== 'string') throw new Error(`no session: ${answer.status} ${answer.wire}`);
      const mine = [PRINCIPAL, SCOPE].flatMap((name) => (headers[name] ? [[name, headers[name]]] : []));
      return { 'mcp-session-id': session, ...Object.fromEntries(mine) };
    },
    async [Symbol.asyncDispose]() {
      inbound.close();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** A subscription to which nothing ever happens. */
function untilCancelled({ cancellation }: Call): Promise<Reply> {
  return new Promise((resolve) => {
    cancellation.onCancel(() => resolve(result({})));
  });
}

function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** The request that {@link Endpoint.modern} sends. */
export function modern(method: string, params: JsonObject = {}, changes: ModernChanges = {}): Sent {
  const target = method === 'resources/read' ? params['uri'] : params['name'];
  const meta = { [META.protocolVersion]: MODERN_VERSION, [META.clientCapabilities]: {}, ...changes.meta };
  const message = { jsonrpc: '2.0', id: changes.id ?? 1, method, params: { ...params, _meta: meta } };
  return {
    body: JSON.stringify(message),
    headers: {
      'mcp-protocol-version': MODERN_VERSION,
      'mcp-method': method,
      ...(typeof target === 'string' && { 'mcp-name': target }),
      ...changes.headers,
    },
  };
}

function begin(port: number, sent: Sent): Underway {
  const usual = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  const headers = Object.fromEntries(
    Object.entries({ ...usual, ...sent.headers }).filter(([, value]) => value !== undefined),
  );
  const { method = 'POST', path = '/mcp' } = sent;
  // No connection is used twice, so that what one request does to its connection cannot help the next.
  const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  const chunks: Buffer[] = [];
  const received = (): string => Buffer.concat(chunks).toString('latin1');
  const head = new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('response', resolve).on('error', reject);
  });
  const answer = head.then(async (res) => {
    await new Promise<void>((resolve, reject) => {
      res.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      res.on('end', resolve);
    });
    return answerOf(res.statusCode ?? 0, res.headers, received());
  });
  const status = head.then((res) => res.statusCode ?? 0);
  // Whoever drops a request need not look at how it ended.
  for (const promise of [answer, status]) promise.catch(() => {});
  if (sent.chunked) asked.flushHeaders();
  asked.end(sent.body);
  return { status, answer, received, drop: () => asked.destroy() };
}

function answerOf(status: number, headers: IncomingHttpHeaders, wire: string): Answer {
  const streamed = headers['content-type'] === 'text/event-stream';
  const texts = streamed
    ? wire.split('\n\n').flatMap((event) => /^event: message\ndata: ?(.+)$/m.exec(event)?.[1] ?? [])
    : [wire].filter((text) => text !== '');
  const messages = texts.map((text) => JSON.parse(Buffer.from(text, 'latin1').toString('utf8')) as Message);
  return { status, headers, wire, streamed, texts, messages, last: messages.at(-1) ?? {} };
}

/** A call that waits for the test. */
export interface Waited {
  readonly call: Call;
  readonly reply: (reply: Reply) => void;
  readonly fail: (error: Error) => void;
}

/** A handler that keeps every call until the test answers it. */
export class Waiting {
  readonly #kept: Waited[] = [];
  readonly #wanted: (() => void)[] = [];

  readonly handle: Handler = (call) =>
    new Promise((reply, fail) => {
      this.#kept.push({ call, reply, fail });
      this.#wanted.shift()?.();
    });

  /** The oldest call that was not taken yet, as soon as there is one. */
  async next(): Promise<Waited> {
    if (this.#kept.length === 0)
      await new Promise<void>((resolve) => {
        this.#wanted.push(resolve);
      });
    const kept = this.#kept.shift();
    if (!kept) throw new Error('somebody else took the call');
    return kept;
  }
}
