import { Cancellation } from '../core/cancellation.ts';
import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { Link } from './link.ts';

/** Time for the acknowledgement of a new stream. */
const ACK_MS = 10_000;
/** Pause before a stream that broke is opened again; it grows while that does not succeed. */
const PAUSE_MS = 1000;
const PAUSE_MOST_MS = 60_000;
/** A stream that lasted this long is a good one. */
const LASTING_MS = 10_000;

/** The lists that change, as a filter and as a capability. */
const LISTS = ['tools', 'prompts', 'resources'].map((kind) => [`${kind}ListChanged`, kind] as const);

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
  /** Did the last stream that was acknowledged promise anything? */
  #stood = false;
  #pause = 0;
  #busy: Promise<unknown> = Promise.resolve();

  constructor(link: Link, capabilities: JsonObject, meta: JsonObject) {
    this.#link = link;
    this.#meta = meta;
    this.#filter = Object.fromEntries(
      LISTS.flatMap(([filter, kind]) => (isTrue(capabilities[kind], 'listChanged') ? [[filter, true]] : [])),
    );
    this.#canWatch = isTrue(capabilities['resources'], 'subscribe');
  }

  /** Listens to these resources from now on. @returns those that the server tells of */
  async to(uris: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const honoured = await this.#inTurn(() => this.#open(this.#canWatch ? uris : new Set()));
    return new Set(watchedIn(honoured));
  }

  #inTurn<T>(open: () => Promise<T>): Promise<T> {
    const turn = this.#busy.then(open);
    this.#busy = turn;
    return turn;
  }

  /** @returns what the server tells of; undefined: nothing */
  async #open(uris: ReadonlySet<string>): Promise<JsonObject | undefined> {
    const before = this.#current;
    this.#uris = uris;
    const notifications: JsonObject = { ...this.#filter };
    if (uris.size > 0) notifications['resourceSubscriptions'] = [...uris];
    this.#current = undefined;
    const isWanted = Object.keys(notifications).length > 0;
    const honoured = isWanted ? await this.#stream(notifications) : undefined;
    before?.cancel('another stream took its place');
    return honoured;
  }

  /** Opens a stream and waits for its acknowledgement, which says what the server will tell; undefined: none came. */
  #stream(notifications: JsonObject): Promise<JsonObject | undefined> {
    const cancellation = new Cancellation();
    const openedAt = Date.now();
    this.#current = cancellation;
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(undefined), ACK_MS);
      const stream = this.#link.send({
        method: 'subscriptions/listen',
        params: (id) => {
          this.#link.onAcknowledged(id, (honoured) => {
            this.#stood = Object.keys(honoured).length > 0;
            resolve(honoured);
          });
          return { notifications, _meta: this.#meta };
        },
        timeoutMs: undefined,
        cancellation,
      });
      void stream.then(() => {
        clearTimeout(late);
        resolve(undefined);
        if (this.#current === cancellation) this.#again(cancellation, Date.now() - openedAt);
      });
    });
  }

  /** A stream ended by itself. Where there was one that promised something, it is opened again, until there is one. */
  #again(ended: Cancellation, lastedMs: number): void {
    if (!this.#stood || this.#link.isOver) return;
    const isFirst = this.#pause === 0 || lastedMs > LASTING_MS;
    this.#pause = isFirst ? PAUSE_MS : Math.min(this.#pause * 2, PAUSE_MOST_MS);
    setTimeout(() => void this.#reopen(ended), this.#pause).unref();
  }

  async #reopen(ended: Cancellation): Promise<void> {
    if (this.#current !== ended || this.#link.isOver) return;
    const honoured = await this.#inTurn(() => this.#open(this.#uris));
    if (!honoured) return;
    // What happened while nobody listened, nobody was told. So everything may be another now.
    for (const [filter, kind] of LISTS)
      if (honoured[filter] === true) this.#tell(`notifications/${kind}/list_changed`, {});
    for (const uri of watchedIn(honoured)) this.#tell('notifications/resources/updated', { uri });
  }

  /** As if the server had. */
  #tell(method: string, params: JsonObject): void {
    this.#link.receive({ kind: 'notification', method, params });
  }
}

function watchedIn(honoured: JsonObject | undefined): string[] {
  const watched = honoured?.['resourceSubscriptions'];
  return Array.isArray(watched) ? watched.filter((uri) => typeof uri === 'string') : [];
}

function isTrue(capability: JsonValue | undefined, name: string): boolean {
  return isObject(capability) && capability[name] === true;
}
