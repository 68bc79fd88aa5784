import { Cancellation } from '../core/cancellation.ts';
import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { Link } from './link.ts';

/** Time for the acknowledgement of a new stream, and the pause before one that broke is opened again. */
const ACK_MS = 10_000;
const PAUSE_MS = 1000;

/**
 * The gateway's own `subscriptions/listen` to a modern server: for the list changes that the server announces, and for
 * the resources that somebody watches. Other resources mean another stream; the old one ends when the new one stands,
 * so that nothing is missed in between.
 */
export class Listening {
  readonly #link: Link;
  readonly #meta: JsonObject;
  readonly #filter: JsonObject;
  readonly #canWatch: boolean;
  #uris: ReadonlySet<string> = new Set();
  #current: Cancellation | undefined;
  #busy: Promise<unknown> = Promise.resolve();

  constructor(link: Link, capabilities: JsonObject, meta: JsonObject) {
    this.#link = link;
    this.#meta = meta;
    this.#filter = Object.fromEntries(
      ['tools', 'prompts', 'resources'].flatMap((kind) =>
        isTrue(capabilities[kind], 'listChanged') ? [[`${kind}ListChanged`, true]] : [],
      ),
    );
    this.#canWatch = isTrue(capabilities['resources'], 'subscribe');
  }

  /** Listens to these resources from now on. @returns those that the server tells of */
  to(uris: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const turn = this.#busy.then(() => this.#open(this.#canWatch ? uris : new Set()));
    this.#busy = turn;
    return turn;
  }

  async #open(uris: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const before = this.#current;
    this.#uris = uris;
    const notifications: JsonObject = { ...this.#filter };
    if (uris.size > 0) notifications['resourceSubscriptions'] = [...uris];
    this.#current = undefined;
    const honoured = Object.keys(notifications).length > 0 ? await this.#stream(notifications) : {};
    before?.cancel('another stream took its place');
    const watched = honoured['resourceSubscriptions'];
    return new Set(Array.isArray(watched) ? watched.filter((uri) => typeof uri === 'string') : []);
  }

  /** Opens a stream and waits for its acknowledgement, which says what the server will tell. */
  #stream(notifications: JsonObject): Promise<JsonObject> {
    const cancellation = new Cancellation();
    this.#current = cancellation;
    return new Promise((resolve) => {
      let promised: JsonObject = {};
      const late = setTimeout(() => resolve({}), ACK_MS);
      const stream = this.#link.send({
        method: 'subscriptions/listen',
        params: (id) => {
          this.#link.onAcknowledged(id, (honoured) => {
            promised = honoured;
            resolve(honoured);
          });
          return { notifications, _meta: this.#meta };
        },
        timeoutMs: undefined,
        cancellation,
      });
      void stream.then(() => {
        clearTimeout(late);
        resolve({});
        // A stream that promised something and ended by itself is opened again.
        if (this.#current === cancellation && Object.keys(promised).length > 0)
          setTimeout(() => void this.to(this.#uris), PAUSE_MS).unref();
      });
    });
  }
}

function isTrue(capability: JsonValue | undefined, name: string): boolean {
  return isObject(capability) && capability[name] === true;
}
