import type { JsonObject } from '../../core/json.ts';
import { META } from '../../core/protocol.ts';
import { type Failure, failure } from '../../core/reply.ts';
import { standardHeaders } from '../../wire/mcp-headers.ts';
import type { Incoming } from '../../wire/response-line.ts';
import { first, type HttpClient, type ResponseHeaders } from './http-client.ts';
import { Post, type PostOwner } from './post.ts';
import { ServerStream } from './server-stream.ts';
import type { Outline, Transport, TransportEvents } from './transport.ts';

export interface StreamableHttpOptions {
  readonly client: HttpClient;
  /** Bytes that one message may have. */
  readonly messageLimit: number;
  /** Milliseconds for saying good-bye. */
  readonly stopMs: number;
  /**
   * The server does not take `initialize` at this address.
   * @returns true when somebody else sees to the message now
   */
  fallBack?(message: string, outline: Outline, problem: Failure): boolean;
}

/** Bytes that may wait for a server that does not answer. */
const QUEUE_LIMIT = 16 * 1024 * 1024;
/** How long calls wait at the start for the server's own stream to stand. */
const STREAM_MS = 1000;
/** How long requests under way may take to find out that their session is lost. */
const LOST_MS = 1000;

/**
 * Streamable HTTP, in either era: each message is a POST of its own, and what comes back on it belongs to it.
 *
 * A legacy server may give a session, which is named in every request from then on, and has a stream of its own (GET)
 * for what belongs to no request.
 */
export class StreamableHttp implements Transport, PostOwner {
  readonly streamPerRequest = true;
  readonly client: HttpClient;
  readonly events: TransportEvents;
  readonly messageLimit: number;
  readonly #options: StreamableHttpOptions;
  readonly #posts = new Map<number, Post>();
  /** Messages that wait until the server knows that we are ready; undefined once it does. */
  #held: { message: string; outline: Outline | undefined }[] | undefined;
  #waitingBytes = 0;
  #sessionId: string | undefined;
  #version: string | undefined;
  #stream: ServerStream | undefined;
  #lost = false;
  #over = false;

  constructor(options: StreamableHttpOptions, events: TransportEvents) {
    this.#options = options;
    this.client = options.client;
    this.messageLimit = options.messageLimit;
    this.events = events;
  }

  send(message: string, outline?: Outline): boolean {
    if (this.#waitingBytes + message.length > QUEUE_LIMIT) return false;
    if (this.#held && outline?.method !== 'notifications/initialized') this.#held.push({ message, outline });
    else this.#post(message, outline);
    return true;
  }

  /** A modern server takes the end of the stream for the end of the request; a legacy one has to be told. */
  cancel(id: number): boolean {
    const held = this.#held?.findIndex(({ outline }) => outline?.id === id) ?? -1;
    if (held !== -1) this.#held?.splice(held, 1);
    const post = this.#posts.get(id);
    post?.abort();
    return held !== -1 || (post?.isModern ?? false);
  }

  /**
   * > the client MUST include the MCP-Protocol-Version header on all subsequent requests  (2025-11-25, transports)
   *
   * What is sent next waits until the server has seen `notifications/initialized`, since each message takes a way of its
   * own; and until the server's own stream stands, on which many servers ask their questions.
   */
  opened(protocolVersion: string): void {
    this.#version = protocolVersion;
    this.#held = [];
  }

  async close(): Promise<void> {
    if (!this.#over && this.#sessionId !== undefined && !this.#lost) await this.#sayGoodbye();
    this.#end('it was stopped');
  }

  /** The headers of legacy requests. */
  sessionHeaders(): Record<string, string> {
    return {
      ...(this.#sessionId !== undefined && { 'mcp-session-id': this.#sessionId }),
      ...(this.#version !== undefined && { 'mcp-protocol-version': this.#version }),
    };
  }

  /** The server accepted a POST. */
  accepted(post: Post, headers: ResponseHeaders): void {
    this.#waitingBytes -= post.size;
    if (post.method === 'initialize') {
      const id = first(headers['mcp-session-id']);
      // > The session ID MUST only contain visible ASCII characters (ranging from 0x21 to 0x7E).
      if (id !== undefined && /^[\x21-\x7e]{1,1024}$/.test(id)) this.#sessionId = id;
    }
  }

  /** A POST has come to its end. */
  done(post: Post): void {
    if (post.id !== undefined) this.#posts.delete(post.id);
    if (!post.wasAccepted) this.#waitingBytes -= post.size;
    if (post.method === 'notifications/initialized' && !this.#over) this.#openStream();
    if (this.#lost && this.#posts.size === 0) this.#end('it no longer knows the session');
  }

  /** Why a request was refused, or undefined when somebody else sees to it. */
  problemOf(post: Post, status: number, problem: Failure, said: Incoming | undefined): Failure | undefined {
    if (post.inSession && (status === 404 || isLostSession(status, said))) {
      this.#lose();
      return failure('server_session_lost');
    }
    // > If it fails with the following HTTP status codes "400 Bad Request", "404 Not Found" or "405 Method Not Allowed":
    // > Issue a GET request to the server URL, expecting that this will open an SSE stream  (2025-11-25, transports)
    if (post.method === 'initialize' && [400, 404, 405].includes(status) && post.outline) {
      if (this.#options.fallBack?.(post.text, post.outline, problem)) {
        this.#over = true;
        setImmediate(() => void this.client.close());
        return undefined;
      }
    }
    return problem;
  }

  /**
   * The server forgot the session: nothing more is sent on it. What is under way may still find out the same, which
   * tells that it was not worked on.
   */
  #lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#stream?.stop();
    setTimeout(() => this.#end('it no longer knows the session'), LOST_MS).unref();
  }

  #post(message: string, outline: Outline | undefined): void {
    const { id } = outline ?? {};
    if (this.#over) return;
    if (this.#lost) {
      if (id !== undefined)
        this.events.message({ kind: 'error', id, error: failure('server_session_lost').error }, id);
      return;
    }
    const modern = outline && modernVersion(outline.params);
    const headers =
      modern === undefined
        ? { ...outline?.headers, ...this.sessionHeaders() }
        : { ...outline?.headers, ...standardHeaders(modern, outline?.method ?? '', outline?.params ?? {}) };
    const post = new Post(this, message, outline, headers);
    this.#waitingBytes += post.size;
    if (id !== undefined) this.#posts.set(id, post);
    post.send();
  }

  #openStream(): void {
    const release = (): void => {
      clearTimeout(timer);
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const { message, outline } of held) this.#post(message, outline);
    };
    const timer = setTimeout(release, STREAM_MS);
    this.#stream = new ServerStream(this, release, () => this.#lose());
    this.#stream.open();
  }

  /** > Clients that no longer need a particular session SHOULD send an HTTP DELETE  (2025-11-25, transports) */
  #sayGoodbye(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#options.stopMs);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.client.request(
        { method: 'DELETE', headers: this.sessionHeaders() },
        { head: () => {}, data: () => {}, end: done, failed: done },
      );
    });
  }

  #end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#stream?.stop();
    for (const post of this.#posts.values()) post.abort();
    this.#posts.clear();
    void this.client.close();
    this.events.closed({ reason, stderr: [] });
  }
}

/** The version that a modern request names, which a legacy one never does. */
function modernVersion(params: JsonObject): string | undefined {
  const meta = params['_meta'];
  const version =
    typeof meta === 'object' && meta !== null && !Array.isArray(meta)
      ? meta[META.protocolVersion]
      : undefined;
  return typeof version === 'string' ? version : undefined;
}

/** Some servers, those of the SDK's own examples among them, answer an unknown session with 400 instead of 404. */
function isLostSession(status: number, said: Incoming | undefined): boolean {
  return (
    status === 400 && said?.kind === 'error' && said.id === null && /\bsession\b/i.test(said.error.message)
  );
}
