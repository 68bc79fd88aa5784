import type { Call } from '../core/call.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { failure, type Reply, type RpcError, result } from '../core/reply.ts';
import { taskCapability } from '../core/tasks.ts';
import type { Description, ListKind, Upstream, Upstreams } from '../core/upstream.ts';

/** The kinds of lists, as `subscriptions/listen` asks for their changes. */
const LIST_FILTERS: ReadonlyMap<string, ListKind> = new Map([
  ['toolsListChanged', 'tools'],
  ['promptsListChanged', 'prompts'],
  ['resourcesListChanged', 'resources'],
]);
/** Streams that one principal may have at once, and what all of them may name together, in characters. */
const STREAMS = 256;
const CHARACTERS = 2_000_000;
/** Resources that one stream may name. */
const URIS = 1000;
/** A server has a process for each kind of client that a user has, and all of them tell of the same change. */
const GATHER_MS = 25;

/** A resource that is watched, and where. */
interface Watch {
  readonly uri: string;
  readonly server: string;
  readonly close: () => void;
}

interface Listener {
  readonly call: Call;
  readonly kinds: ReadonlySet<ListKind>;
  /** A legacy client hears of its tasks without asking to. */
  readonly tasks: boolean;
  /** The lists that have changed and of which it will be told in a moment. */
  readonly changed: Set<ListKind>;
  /** The server that each resource was found at, and what ends the watch. */
  readonly resources: Map<string, Watch>;
  readonly end: () => void;
}

/**
 * Who wants to hear of changes. A listener gets what it asked for and was promised, from the servers of its endpoint,
 * and of the servers' connections only its own principal's.
 */
export class Subscriptions {
  readonly #listeners = new Set<Listener>();
  /** What each principal has open, streams that are being opened included. */
  readonly #held = new Map<string, { streams: number; characters: number }>();

  constructor(upstreams: Upstreams) {
    upstreams.onListChanged(({ server, principal, kind }) => {
      // What concerns everybody is another server under the same name: nobody watches anything there yet.
      if (principal === undefined && kind === 'resources') this.#watchAgain(upstreams, server);
      for (const listener of this.#hearing(server, principal))
        if (listener.kinds.has(kind)) this.#tellSoon(listener, kind);
    });
    upstreams.onResourceUpdated(({ server, principal, uri, params }) => {
      for (const { call, resources } of this.#hearing(server, principal))
        if (resources.get(uri)?.server === server)
          call.notify({ method: 'notifications/resources/updated', params });
    });
  }

  /**
   * Serves one `subscriptions/listen`: the acknowledgement first, then what happens, until the client has enough.
   * @param owner finds the server that has a resource
   */
  async listen(
    call: Call,
    servers: readonly Upstream[],
    owner: (uri: string) => Promise<Upstream | undefined>,
  ): Promise<Reply> {
    const wanted = call.params['notifications'];
    if (!isObject(wanted)) return failure('invalid_params', 'notifications says what to listen to.');
    const asked = wanted['resourceSubscriptions'] ?? [];
    if (!Array.isArray(asked) || asked.length > URIS || !asked.every((uri) => typeof uri === 'string'))
      return failure('invalid_params', `resourceSubscriptions is a list of at most ${URIS} URIs.`);

    const { id } = call.principal;
    const held = this.#held.get(id) ?? { streams: 0, characters: 0 };
    const characters = asked.reduce((sum, uri) => sum + uri.length, 0);
    if (held.streams >= STREAMS || held.characters + characters > CHARACTERS)
      return failure('subscription_limit');
    this.#held.set(id, held);
    held.streams += 1;
    held.characters += characters;
    try {
      return await this.#stream(call, wanted, new Set(asked), servers, owner);
    } finally {
      held.streams -= 1;
      held.characters -= characters;
      if (held.streams === 0) this.#held.delete(id);
    }
  }

  async #stream(
    call: Call,
    wanted: JsonObject,
    asked: ReadonlySet<string>,
    servers: readonly Upstream[],
    owner: (uri: string) => Promise<Upstream | undefined>,
  ): Promise<Reply> {
    const descriptions = await Promise.all(servers.map((server) => server.describe(call)));
    const kinds = promised(wanted, descriptions);
    const tasks = call.client.era === 'legacy' && descriptions.some((each) => hasTasks(call, each));
    const watches = await Promise.all([...asked].map((uri) => watch(uri, call, owner)));
    const watched = watches.filter((each) => each !== undefined);
    const honoured: JsonObject = {};
    for (const [filter, kind] of LIST_FILTERS) if (kinds.has(kind)) honoured[filter] = true;
    if (watched.length > 0) honoured['resourceSubscriptions'] = watched.map(({ uri }) => uri);

    return new Promise((resolve) => {
      const listener: Listener = {
        call,
        kinds,
        tasks,
        changed: new Set(),
        resources: new Map(watched.map((each) => [each.uri, each])),
        end: () => {
          if (!this.#listeners.delete(listener)) return;
          for (const { close } of listener.resources.values()) close();
          resolve(result({}));
        },
      };
      this.#listeners.add(listener);
      call.notify({
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications: honoured },
      });
      call.cancellation.onCancel(listener.end);
      // Nothing that was asked for will ever come: there is no reason to wait for it.
      if (Object.keys(honoured).length === 0 && !tasks) listener.end();
    });
  }

  /** Tells the owner of a legacy server's task what became of it. */
  taskStatus(server: string, owner: string, params: JsonObject): void {
    for (const { call, tasks } of this.#hearing(server, owner))
      if (tasks) call.notify({ method: 'notifications/tasks/status', params });
  }

  /** Ends every stream the graceful way: each gets its result. */
  close(): void {
    for (const listener of this.#listeners) {
      tellNow(listener);
      listener.end();
    }
  }

  /** What changes at the same time in several processes, or with a new configuration, is told once. */
  #tellSoon(listener: Listener, kind: ListKind): void {
    if (listener.changed.size === 0) setTimeout(() => tellNow(listener), GATHER_MS).unref();
    listener.changed.add(kind);
  }

  #watchAgain(upstreams: Upstreams, server: string): void {
    for (const listener of this.#listeners) {
      const { call, resources } = listener;
      for (const [uri, { server: at, close }] of resources) {
        if (at !== server) continue;
        close();
        void watch(uri, call, () => Promise.resolve(upstreams.get(server))).then((again) => {
          if (again && this.#listeners.has(listener)) resources.set(uri, again);
          else again?.close();
        });
      }
    }
  }

  /** @param principal whose connection it happened on; undefined: it concerns everybody */
  *#hearing(server: string, principal: string | undefined): Generator<Listener> {
    for (const listener of this.#listeners) {
      const { scope, principal: own } = listener.call;
      if (scope !== undefined && scope !== server) continue;
      if (principal === undefined || own.id === principal) yield listener;
    }
  }
}

function tellNow({ call, changed }: Listener): void {
  if (call.cancellation.cancelled) return;
  for (const kind of changed) call.notify({ method: `notifications/${kind}/list_changed`, params: {} });
  changed.clear();
}

/** The list changes that are asked for and that one of the servers can have. */
function promised(
  wanted: JsonObject,
  descriptions: readonly (Description | RpcError)[],
): ReadonlySet<ListKind> {
  const kinds = [...LIST_FILTERS].filter(
    ([filter, kind]) =>
      wanted[filter] === true &&
      descriptions.some((each) => !('code' in each) && isObject(each.capabilities[kind])),
  );
  return new Set(kinds.map(([, kind]) => kind));
}

function hasTasks({ client }: Call, description: Description | RpcError): boolean {
  return !('code' in description) && taskCapability(client, description.capabilities) !== undefined;
}

async function watch(
  uri: string,
  call: Call,
  owner: (uri: string) => Promise<Upstream | undefined>,
): Promise<Watch | undefined> {
  const server = await owner(uri);
  const close = await server?.watch(call, uri);
  return server && close ? { uri, server: server.name, close } : undefined;
}
