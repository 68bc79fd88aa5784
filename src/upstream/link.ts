import type { Answer, Call } from '../core/call.ts';
import type { Cancellation } from '../core/cancellation.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { isLogLevel, isLoud, META } from '../core/protocol.ts';
import { failure, type Reply, type RpcError } from '../core/reply.ts';
import { errorText, type Id, notificationText, requestText } from '../wire/jsonrpc.ts';
import type { Incoming } from '../wire/response-line.ts';
import { Deadline } from './deadline.ts';
import { InFlight } from './in-flight.ts';
import type { Ending, Transport } from './transport/transport.ts';

/** Who a request is made for: gets the notifications, and may be cancelled. */
export type Caller = Pick<Call, 'wantsProgress' | 'logLevel' | 'notify' | 'cancellation'>;

/** A request on its way to a server. */
export interface Outgoing {
  readonly method: string;
  /** Its parameters. The id it goes out with is also its progress token: unique, and it finds the way back. */
  params(id: number): JsonObject;
  /** Undefined: whoever asked sees to the time himself. */
  readonly timeoutMs: number | undefined;
  /** The same with all its progress; absent: progress gives it no more time. */
  readonly mostMs?: number | undefined;
  readonly caller?: Caller;
  /** More headers, where the request goes over HTTP. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** For a request of the gateway's own that it may want to end. */
  readonly cancellation?: Cancellation;
}

/** What the owner of a link hears besides the answers. */
export interface LinkEvents {
  /** A notification that belongs to no single call, such as `notifications/tools/list_changed`. */
  notification(method: string, params: JsonObject): void;
  /** A notification that could not be told to anybody, or a line that was no message. */
  lost(what: string): void;
  /** Something that whoever runs the server should know. */
  warn?(problem: string): void;
}

interface Pending {
  readonly settle: (reply: Reply) => void;
  readonly caller: Caller | undefined;
  readonly deadline: Deadline | undefined;
}

/**
 * Answers a request of the server.
 * @param caller whose request it came up in, where the transport can tell
 */
export type Questioned = (method: string, params: JsonObject, caller: Caller | undefined) => Promise<Answer>;

/**
 * JSON-RPC over a transport, in either era: ids of our own, each answer to the request that asked for it, timeouts and
 * cancellation. Knows nothing of what the messages mean.
 */
export class Link {
  readonly #transport: Transport;
  readonly #events: LinkEvents;
  readonly #inFlight = new InFlight<Pending>();
  readonly #acknowledged = new Map<number, (honoured: JsonObject) => void>();
  #ending: Ending | undefined;
  /** Who deals with the server's requests; nobody, until somebody can. */
  onRequest: Questioned = (method) => Promise.resolve({ error: unknownMethod(method) });

  constructor(transport: Transport, events: LinkEvents) {
    this.#transport = transport;
    this.#events = events;
  }

  /** Is the server gone? */
  get isOver(): boolean {
    return this.#ending !== undefined;
  }

  /** Requests that wait for an answer. */
  get waiting(): number {
    return this.#inFlight.size;
  }

  /** Sends a request and waits for its answer. */
  send(outgoing: Outgoing): Promise<Reply> {
    return new Promise((settle) => {
      if (this.#ending) return settle(exited(this.#ending));
      const { caller, method, timeoutMs, mostMs = 0 } = outgoing;
      const cancellation = caller?.cancellation ?? outgoing.cancellation;
      if (cancellation?.cancelled) return settle(failure('cancelled'));
      const deadline =
        timeoutMs === undefined
          ? undefined
          : new Deadline(timeoutMs, mostMs, () => this.#timeout(id, method, timeoutMs));
      const id = this.#inFlight.add({ settle, caller, deadline });
      if (id === undefined || !this.#write(id, outgoing)) {
        this.#settle(id, failure('server_busy'));
        deadline?.clear();
        return settle(failure('server_busy'));
      }
      cancellation?.onCancel((reason) => this.#give(id, reason, failure('cancelled')));
    });
  }

  #write(id: number, outgoing: Outgoing): boolean {
    const { method, headers } = outgoing;
    const params = outgoing.params(id);
    return this.#transport.send(requestText(id, method, params), { id, method, params, headers });
  }

  /** Calls back once with what the server promises to the `subscriptions/listen` of this id. */
  onAcknowledged(id: number, listener: (honoured: JsonObject) => void): void {
    this.#acknowledged.set(id, listener);
  }

  notify(method: string, params: JsonObject): void {
    if (!this.#ending) this.#transport.send(notificationText(method, params), { method, params });
  }

  /** A legacy server has answered `initialize`, with this version. */
  opened(protocolVersion: string): void {
    this.#transport.opened?.(protocolVersion);
  }

  warn(problem: string): void {
    this.#events.warn?.(problem);
  }

  /** Has every request a stream of its own, so that what comes on it belongs to it? */
  get streamPerRequest(): boolean {
    return this.#transport.streamPerRequest ?? false;
  }

  /**
   * A message came in.
   * @param relatedTo the request on whose stream it came, where requests have streams
   */
  receive(message: Incoming, relatedTo?: number): void {
    switch (message.kind) {
      case 'result':
        return this.#settle(message.id, { kind: 'result', body: message.body });
      case 'error':
        return this.#settle(message.id, { kind: 'failure', error: message.error });
      case 'notification':
        return this.#hear(message.method, message.params, relatedTo);
      case 'request':
        void this.#answer(message.id, message.method, message.params, relatedTo);
    }
  }

  /** A reply was too large: that call ends, the others go on. */
  overflow(id: number | undefined, size: number): void {
    const megabytes = Math.round(size / 1024 / 1024);
    if (this.#inFlight.peek(id))
      this.#settle(id, failure('server_reply_too_large', `It had ${megabytes} MiB.`));
    else this.#events.lost('a message over the size limit');
  }

  /** The server is gone: everybody who waits is told so. */
  end(ending: Ending): void {
    this.#ending = ending;
    this.#acknowledged.clear();
    for (const pending of this.#inFlight.drain()) {
      pending.deadline?.clear();
      pending.settle(exited(ending));
    }
  }

  #timeout(id: number | undefined, method: string, ms: number): void {
    this.#give(id, 'timeout', failure('call_timeout', `It had ${Math.round(ms / 1000)} s for ${method}.`));
  }

  #settle(id: unknown, reply: Reply): void {
    const pending = this.#inFlight.take(id);
    if (!pending) return; // Late: its caller is gone.
    // A stream that ends without an acknowledgement.
    if (this.#acknowledged.size > 0) this.#acknowledged.delete(Number(id));
    pending.deadline?.clear();
    pending.settle(reply);
  }

  /**
   * Nobody waits for this any more, and the server is told:
   *
   * > the sender SHOULD issue a cancellation notification for that request and stop waiting for a response
   * > (basic/lifecycle, "Timeouts")
   */
  #give(id: number | undefined, reason: string, reply: Reply): void {
    if (id === undefined || !this.#inFlight.peek(id)) return;
    this.#settle(id, reply);
    if (this.#transport.cancel?.(id)) return;
    this.notify('notifications/cancelled', { requestId: id, reason });
  }

  #hear(method: string, params: JsonObject, relatedTo: number | undefined): void {
    if (method === 'notifications/progress') {
      const { progressToken, ...progress } = params;
      const pending = this.#inFlight.peek(progressToken);
      pending?.deadline?.extend();
      const caller = pending?.caller;
      if (caller?.wantsProgress) caller.notify({ method, params: progress });
      return;
    }
    if (method === 'notifications/message') return this.#log(params, relatedTo);
    if (method === 'notifications/subscriptions/acknowledged') return this.#acknowledge(params);
    this.#events.notification(method, params);
  }

  #acknowledge(params: JsonObject): void {
    const { _meta: meta, notifications } = params;
    const id = isObject(meta) ? meta[META.subscriptionId] : undefined;
    if (typeof id !== 'number') return;
    this.#acknowledged.get(id)?.(isObject(notifications) ? notifications : {});
    this.#acknowledged.delete(id);
  }

  /**
   * A log message. On a pipe nothing says which request it belongs to, so it is passed on only where there is no
   * question: one call in flight. To guess would mean to show one caller what another one did.
   */
  #log(params: JsonObject, relatedTo: number | undefined): void {
    let only = this.#inFlight.peek(relatedTo)?.caller;
    for (const { caller } of relatedTo === undefined ? this.#inFlight.entries() : []) {
      if (!caller) continue; // A request of our own, such as logging/setLevel.
      if (only) return this.#events.lost('a log message while several calls were in flight');
      only = caller;
    }
    const { level } = params;
    if (only?.logLevel === undefined || !isLogLevel(level) || !isLoud(level, only.logLevel)) return;
    only.notify({ method: 'notifications/message', params });
  }

  async #answer(id: Id, method: string, params: JsonObject, relatedTo: number | undefined): Promise<void> {
    const answer = method === 'ping' ? { result: {} } : await this.#ask(method, params, relatedTo);
    let text: string;
    try {
      text =
        'error' in answer
          ? errorText(id, answer.error)
          : JSON.stringify({ jsonrpc: '2.0', id, result: answer.result });
    } catch {
      // Nested deeper than can be written.
      text = errorText(id, { code: -32603, message: 'The answer could not be passed on.' });
    }
    this.#transport.send(text);
  }

  /** A question on the stream of a request is for whoever made it. When that is over, it is for nobody. */
  async #ask(method: string, params: JsonObject, relatedTo: number | undefined): Promise<Answer> {
    const caller = this.#inFlight.peek(relatedTo)?.caller;
    if (caller || relatedTo === undefined) return this.onRequest(method, params, caller);
    return { error: { code: -32600, message: 'The request that this belongs to is over.' } };
  }
}

function unknownMethod(method: string): RpcError {
  return { code: -32601, message: `This client does not know ${JSON.stringify(method)}.` };
}

function exited(ending: Ending): Reply {
  return failure(
    'server_exited',
    describeEnding(ending),
    ending.server === undefined ? undefined : { server: ending.server },
  );
}

/** An ending as a person reads it: what happened, and the last the server said. */
export function describeEnding(ending: Ending): string {
  const said = ending.stderr.slice(-5).join('\n');
  return `${ending.reason.charAt(0).toUpperCase()}${ending.reason.slice(1)}.${said === '' ? '' : ` It printed:\n${said}`}`;
}
