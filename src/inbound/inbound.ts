import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Handler } from '../core/handler.ts';
import { isObject } from '../core/json.ts';
import type { Caller } from '../core/principal.ts';
import { MODERN_VERSION } from '../core/protocol.ts';
import { failure } from '../core/reply.ts';
import { accepts, mediaType } from '../wire/headers.ts';
import { requestIdOf } from '../wire/jsonrpc.ts';
import { refuse } from '../wire/refuse.ts';
import { readJson } from './body.ts';
import { eraOf } from './era.ts';
import { Dispatch } from './legacy/dispatch.ts';
import { LegacyEdge } from './legacy/edge.ts';
import { Sessions } from './legacy/session.ts';
import { SseEdge } from './legacy/sse.ts';
import { ModernEdge } from './modern/edge.ts';
import { seenHeaders } from './seen-headers.ts';

export interface InboundOptions {
  readonly handle: Handler;
  readonly self: { readonly name: string; readonly version: string };
  readonly bodyBytes: number;
  /** What a proxy puts in front of every path, such as `/tools`; '' for nothing. */
  readonly publicPath?: string;
  /** Where the clients of HTTP+SSE are told to POST to, when it is not `/messages`. */
  readonly messagesPath?: string;
  readonly sessions: {
    readonly sessions: number;
    readonly sessionsPerPrincipal: number;
    readonly ttlMs: number;
    /** How long a person may take to answer a question. */
    readonly inputMs?: number;
  };
}

/** An MCP endpoint over Streamable HTTP: finds out which era a client speaks and hands it to that edge. */
export class Inbound {
  readonly #modern: ModernEdge;
  readonly #legacy: LegacyEdge;
  readonly #sse: SseEdge;
  readonly #sessions: Sessions;
  readonly #publicPath: string;
  readonly #messagesPath: string;
  readonly #bodyBytes: number;

  constructor(options: InboundOptions) {
    this.#sessions = new Sessions(options.sessions);
    this.#modern = new ModernEdge(options.handle, options.self);
    const dispatch = new Dispatch(options.handle, options.self);
    this.#legacy = new LegacyEdge(dispatch, this.#sessions);
    this.#sse = new SseEdge(dispatch, this.#sessions);
    this.#publicPath = options.publicPath ?? '';
    this.#messagesPath = options.messagesPath ?? '/messages';
    this.#bodyBytes = options.bodyBytes;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /**
   * @param scope the server that the path names, or undefined for all
   * @param endpoint Streamable HTTP, or one of the two halves of HTTP+SSE
   */
  receive(
    req: IncomingMessage,
    res: ServerResponse,
    caller: Caller,
    scope: string | undefined,
    endpoint: 'mcp' | 'sse' | 'messages' = 'mcp',
  ): void {
    if (endpoint === 'sse') return this.#openSse(req, res, caller, scope);
    if (endpoint === 'messages') return this.#postSse(req, res, caller, scope);
    if (req.method === 'POST') return this.#post(req, res, caller, scope);
    const isModern = (req.headers['mcp-protocol-version'] ?? '') >= MODERN_VERSION;
    if (isModern || (req.method !== 'GET' && req.method !== 'DELETE'))
      return refuse(res, failure('method_not_allowed'), {
        allow: isModern ? 'POST' : 'GET, POST, DELETE',
        ...(req.method === 'PUT' && { 'sallyport-seen': seenHeaders(req) }),
      });
    if (req.method === 'DELETE') return this.#legacy.delete(req, res, caller, scope);
    if (!accepts(req.headers.accept, 'text/event-stream')) return refuse(res, failure('not_acceptable'));
    this.#legacy.get(req, res, caller, scope);
  }

  /** Ends every session, those with a call under way when it is answered, `ms` later at the latest. */
  async drain(ms: number): Promise<void> {
    await this.#sessions.drain(ms);
    this.close();
  }

  close(): void {
    this.#sessions.close();
  }

  #post(req: IncomingMessage, res: ServerResponse, caller: Caller, scope: string | undefined): void {
    if (mediaType(req.headers['content-type']) !== 'application/json')
      return refuse(res, failure('wrong_content_type'));
    const { accept } = req.headers;
    // > The client MUST include an Accept header, listing both  (basic/transports/streamable-http)
    if (!accepts(accept, 'application/json') || !accepts(accept, 'text/event-stream'))
      return refuse(res, failure('not_acceptable'));
    readJson(req, this.#bodyBytes, (message, wrong) => {
      if (message === undefined) return refuse(res, wrong ?? failure('parse_error'));
      const version = req.headers['mcp-protocol-version'];
      const era = eraOf(message, typeof version === 'string' ? version : undefined);
      if (typeof era === 'object') return refuse(res, era, {}, requestIdOf(message));
      if (Array.isArray(message)) return this.#legacy.batch(message, req, res, caller, scope);
      if (!isObject(message)) return refuse(res, failure('invalid_request'));
      if (era === 'modern') this.#modern.receive(message, req, res, caller, scope);
      else this.#legacy.post(message, req, res, caller, scope);
    });
  }

  /** The stream of the HTTP+SSE transport of 2024-11-05. */
  #openSse(req: IncomingMessage, res: ServerResponse, caller: Caller, scope: string | undefined): void {
    if (req.method !== 'GET') return refuse(res, failure('method_not_allowed'), { allow: 'GET' });
    if (!accepts(req.headers.accept, 'text/event-stream')) return refuse(res, failure('not_acceptable'));
    const path = scope === undefined ? this.#messagesPath : `/servers/${scope}/messages`;
    this.#sse.open(res, caller, scope, `${this.#publicPath}${path}`);
  }

  /** A message for a session of that transport. */
  #postSse(req: IncomingMessage, res: ServerResponse, caller: Caller, scope: string | undefined): void {
    if (req.method !== 'POST') return refuse(res, failure('method_not_allowed'), { allow: 'POST' });
    if (mediaType(req.headers['content-type']) !== 'application/json')
      return refuse(res, failure('wrong_content_type'));
    const session = this.#sse.find(req, caller, scope);
    if (!session) return refuse(res, failure('session_not_found'));
    readJson(req, this.#bodyBytes, (message, wrong) => {
      if (message === undefined) return refuse(res, wrong ?? failure('parse_error'));
      session.caller = caller;
      this.#sse.post(message, session, res);
    });
  }
}
