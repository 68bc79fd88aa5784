import type { Notification } from '../../core/call.ts';
import { Cancellation } from '../../core/cancellation.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { failure, type Failure, type Reply } from '../../core/reply.ts';

/** Calls `subscriptions/listen` for a session. */
export type Listen = (
  params: JsonObject,
  notify: (said: Notification) => void,
  cancellation: Cancellation,
) => Promise<Reply>;

/** Resources that one session may subscribe to, and how long their URIs may be. */
const URIS = 1000;
const LONGEST = 8192;

/**
 * What a legacy session hears outside of its calls. A legacy client just hears of every list that changes, and
 * subscribes to resources one by one; inside, both are one standing `subscriptions/listen`. Another set of resources
 * means another such call, and the old one ends when the new one is acknowledged, so that nothing is missed.
 */
export class Hearing {
  readonly #listen: Listen;
  readonly #deliver: (said: Notification) => void;
  readonly #uris = new Set<string>();
  #current: Cancellation | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @param deliver tells the client, if it has a stream open */
  constructor(listen: Listen, deliver: (said: Notification) => void) {
    this.#listen = listen;
    this.#deliver = deliver;
  }

  /** Begins to hear of lists. */
  start(): void {
    if (!this.#current) void this.#inTurn(() => this.#open());
  }

  /** `resources/subscribe`: answered when the server has agreed. */
  subscribe(uri: string): Promise<Failure | undefined> {
    return this.#inTurn(async () => {
      if (this.#uris.size >= URIS || uri.length > LONGEST) return failure('subscription_limit');
      this.#uris.add(uri);
      const agreed = await this.#open();
      if (agreed?.has(uri)) return undefined;
      this.#uris.delete(uri);
      if (!agreed) return failure('subscription_limit');
      return failure('unknown_resource', 'The server does not tell of its updates.', { uri });
    });
  }

  /** `resources/unsubscribe`. */
  unsubscribe(uri: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#uris.delete(uri)) await this.#open();
    });
  }

  close(): void {
    this.#closed = true;
    this.#current?.cancel('the session ended');
  }

  /** One change after the other: each builds on the set that the one before it left. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(change);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /**
   * Opens the call for the resources as they are now.
   * @returns those that will be told of; undefined when the call was refused, and the one before it goes on
   */
  async #open(): Promise<ReadonlySet<unknown> | undefined> {
    if (this.#closed) return undefined;
    const cancellation = new Cancellation();
    const notifications: JsonObject = {
      toolsListChanged: true,
      promptsListChanged: true,
      resourcesListChanged: true,
      resourceSubscriptions: [...this.#uris],
    };
    const agreed = await new Promise<JsonObject | undefined>((resolve) => {
      const hear = (said: Notification): void => {
        if (said.method === 'notifications/subscriptions/acknowledged') {
          const { notifications: honoured } = said.params;
          resolve(isObject(honoured) ? honoured : {});
        } else if (this.#current === cancellation) this.#deliver(said);
      };
      const ended = (): void => resolve(undefined);
      this.#listen({ notifications }, hear, cancellation).then(ended, ended);
    });
    if (!agreed) return undefined;
    this.#current?.cancel('another set of resources took its place');
    this.#current = cancellation;
    if (this.#closed) cancellation.cancel('the session ended');
    const { resourceSubscriptions } = agreed;
    return new Set(Array.isArray(resourceSubscriptions) ? resourceSubscriptions : []);
  }
}
