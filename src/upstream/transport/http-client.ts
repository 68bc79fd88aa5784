import type { Agent, Dispatcher } from 'undici';
import { guardedAgent } from '../../egress/agent.ts';
import type { EgressPolicy } from '../../egress/policy.ts';
import type { Failure } from '../../core/reply.ts';
import { brokenOff, loginRequired, refusedRedirect, unreachable } from './http-failure.ts';

/** Where the headers that prove who we are come from, when they are not in the configuration. */
export interface Credentials {
  /** For the next request, such as `authorization`. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** What somebody has to do when they are not good enough. */
  readonly advice?: string | undefined;
  /**
   * The server answered with 401, or with 403 because the scope does not suffice.
   * @param challenge its `WWW-Authenticate`
   * @returns true when `headers()` has something else now, so that the request is worth another try
   */
  renew(challenge: string | undefined): Promise<boolean>;
}

export interface HttpClientOptions {
  readonly url: string;
  /** From the configuration, for every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly egress: EgressPolicy;
  readonly credentials?: Credentials | undefined;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query, where they are not those of the client's URL. */
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds until the answer begins, and between two pieces of it. 0: somebody else sees to the time. */
  readonly headersTimeout?: number;
  readonly bodyTimeout?: number;
}

export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Who reads the answer. Of `end` and `failed` exactly one is called, once, unless the request is aborted. */
export interface ResponseSink {
  head(status: number, headers: ResponseHeaders): void;
  data(chunk: Buffer): void;
  end(): void;
  failed(failure: Failure): void;
}

/** A request under way. */
export interface HttpExchange {
  /** Closes it; its sink hears nothing more. */
  abort(): void;
}

/** Requests that a server may have open at once; more of them wait. Each event stream is one for as long as it lasts. */
const CONNECTIONS = 1024;
const MOST_REDIRECTS = 3;
/** How often one request may find that its scope does not suffice: a server that always wants more gets nowhere. */
const MOST_STEP_UPS = 2;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 307, 308]);

/** Headers that belong to the transport or the protocol: the configuration cannot set them. */
const OURS =
  /^(accept|accept-encoding|connection|content-length|content-type|expect|keep-alive|last-event-id|mcp-.*|te|trailer|transfer-encoding|upgrade)$/i;

/**
 * Requests to one remote server. Every connection goes through the egress guard. A redirect is followed within the
 * origin only: whoever answers may not send our headers to somebody else.
 */
export class HttpClient {
  readonly url: URL;
  readonly #agent: Agent;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #credentials: Credentials | undefined;
  /** Where the server has moved to within its origin. */
  #path: string;

  /** @throws {TypeError} when the URL is none */
  constructor({ url, headers, egress, credentials }: HttpClientOptions) {
    this.url = new URL(url);
    this.#path = this.url.pathname + this.url.search;
    this.#headers = Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => !OURS.test(name))
        .map(([name, value]) => [name.toLowerCase(), value]),
    );
    this.#credentials = credentials;
    this.#agent = guardedAgent(egress, { connections: CONNECTIONS });
  }

  request(request: HttpRequest, sink: ResponseSink): HttpExchange {
    const exchange = new Exchange(this, request, sink);
    exchange.start();
    return exchange;
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  get credentials(): Credentials | undefined {
    return this.#credentials;
  }

  /** The server has moved, within its origin. */
  move(path: string): void {
    this.#path = path;
  }

  dispatch(
    request: HttpRequest,
    more: Readonly<Record<string, string>>,
    handler: Dispatcher.DispatchHandler,
  ): void {
    this.#agent.dispatch(
      {
        origin: this.url.origin,
        path: request.path ?? this.#path,
        method: request.method,
        headers: { ...this.#headers, ...more, ...request.headers },
        body: request.body ?? null,
        headersTimeout: request.headersTimeout ?? 0,
        bodyTimeout: request.bodyTimeout ?? 0,
      },
      handler,
    );
  }
}

/** One request, with the further tries that a redirect or a 401 makes of it. */
class Exchange implements HttpExchange {
  readonly #client: HttpClient;
  readonly #sink: ResponseSink;
  #request: HttpRequest;
  #controller: Dispatcher.DispatchController | undefined;
  #over = false;
  #redirects = 0;
  #renewed = false;
  #stepUps = 0;

  constructor(client: HttpClient, request: HttpRequest, sink: ResponseSink) {
    this.#client = client;
    this.#request = request;
    this.#sink = sink;
  }

  start(): void {
    const { credentials } = this.#client;
    if (!credentials) return this.#try({});
    credentials.headers().then(
      (headers) => this.#try(headers),
      () => this.#fail(loginRequired(credentials.advice)),
    );
  }

  abort(): void {
    this.#over = true;
    this.#controller?.abort(new Error('aborted'));
  }

  #try(headers: Readonly<Record<string, string>>): void {
    if (this.#over) return;
    // Whether somebody reads this try's answer, or it was only the reason for another try.
    let state: 'waiting' | 'read' | 'left' = 'waiting';
    this.#client.dispatch(this.#request, headers, {
      onRequestStart: (controller) => {
        this.#controller = controller;
        if (this.#over) controller.abort(new Error('aborted'));
      },
      onResponseStart: (controller, status, responseHeaders) => {
        if (status < 200 || this.#over) return; // 1xx: the answer is still to come.
        state = this.#goesOn(status, responseHeaders) ? 'left' : 'read';
        if (state === 'read') this.#sink.head(status, responseHeaders);
        // Not from within undici's own parser.
        else queueMicrotask(() => controller.abort(new Error('not read')));
      },
      onResponseData: (_controller, chunk) => {
        if (state === 'read' && !this.#over) this.#sink.data(chunk);
      },
      onResponseEnd: () => {
        if (state !== 'read' || this.#over) return;
        this.#over = true;
        this.#sink.end();
      },
      onResponseError: (_controller, error) => {
        if (state !== 'left') this.#fail(state === 'read' ? brokenOff(error) : unreachable(error));
      },
    });
  }

  #fail(failure: Failure): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink.failed(failure);
  }

  /** Is this answer only the reason for another try? */
  #goesOn(status: number, headers: ResponseHeaders): boolean {
    const { credentials } = this.#client;
    const challenge = first(headers['www-authenticate']);
    if (credentials && wantsLogin(status, challenge)) {
      if (this.#mayRenew(status)) void this.#renew(credentials, challenge);
      else this.#fail(loginRequired(credentials.advice));
      return true;
    }
    if (!REDIRECTS.has(status)) return false;
    const location = first(headers['location']);
    const base = new URL(this.#request.path ?? this.#client.url.href, this.#client.url);
    const target = location === undefined ? null : URL.parse(location, base.href);
    this.#redirects += 1;
    if (target?.origin !== this.#client.url.origin || this.#redirects > MOST_REDIRECTS) {
      this.#fail(refusedRedirect(status, target?.origin));
      return true;
    }
    const path = target.pathname + target.search;
    if (this.#request.path === undefined) this.#client.move(path);
    else this.#request = { ...this.#request, path };
    this.start();
    return true;
  }

  #mayRenew(status: number): boolean {
    if (status === 401) return this.#renewed ? false : (this.#renewed = true);
    this.#stepUps += 1;
    return this.#stepUps <= MOST_STEP_UPS;
  }

  async #renew(credentials: Credentials, challenge: string | undefined): Promise<void> {
    const isWorthIt = await credentials.renew(challenge).catch(() => false);
    if (isWorthIt) this.start();
    else this.#fail(loginRequired(credentials.advice));
  }
}

function wantsLogin(status: number, challenge: string | undefined): boolean {
  return status === 401 || (status === 403 && /error="?insufficient_scope/.test(challenge ?? ''));
}

/** The first of a header's values. */
export function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
