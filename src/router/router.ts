import type { Call, Client } from '../core/call.ts';
import type { Handler } from '../core/handler.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { META, MODERN_VERSION } from '../core/protocol.ts';
import { failure, type Failure, type Reply, type RpcError, result } from '../core/reply.ts';
import { taskCapability } from '../core/tasks.ts';
import type { Description, Upstream, Upstreams } from '../core/upstream.ts';
import { Catalogue, LISTS, type Listing } from './catalogue.ts';
import { Mirroring } from './mirroring.ts';
import { qualify, unqualify } from './naming.ts';
import { Subscriptions } from './subscriptions.ts';
import { Tasks } from './tasks.ts';
import { matchesTemplate } from './uri-template.ts';

export interface RouterOptions {
  readonly upstreams: Upstreams;
  /** Name and version of the gateway: what an endpoint of several servers calls itself. */
  readonly self: { readonly name: string; readonly version: string };
  /** Does this entry of a server's list belong into the caller's? Default: every one. */
  shows?(call: Call, server: string, method: string, item: JsonObject): boolean;
}

/**
 * Endpoint and name to server. An endpoint of one server passes everything on as it is; an endpoint of several names
 * tools and prompts `<server>__<name>`, merges the lists, and finds resources by who lists them.
 */
export class Router {
  readonly #upstreams: Upstreams;
  readonly #self: RouterOptions['self'];
  readonly #shows: RouterOptions['shows'];
  readonly #catalogue: Catalogue;
  readonly #mirroring: Mirroring;
  readonly #subscriptions: Subscriptions;
  readonly #tasks = new Tasks();

  constructor(options: RouterOptions) {
    this.#upstreams = options.upstreams;
    this.#self = options.self;
    this.#shows = options.shows?.bind(options);
    this.#catalogue = new Catalogue(options.upstreams);
    this.#mirroring = new Mirroring(options.upstreams, this.#catalogue);
    this.#subscriptions = new Subscriptions(options.upstreams);
    options.upstreams.onTaskStatus((status) => {
      const told = this.#tasks.told(status);
      if (told) this.#subscriptions.taskStatus(status.server, told.principal, told.params);
    });
  }

  readonly handle: Handler = (call) => {
    const answer = this.#handle(call);
    return 'then' in answer ? answer : Promise.resolve(answer);
  };

  /** No `async`: for each call it would cost more than the rest of this does. */
  #handle(call: Call): Promise<Reply> | Reply {
    const servers = this.#serversOf(call);
    if (!servers) return failure('no_such_server', `It is called ${JSON.stringify(call.scope)} in the path.`);
    const alone = servers.length === 1 ? servers[0] : undefined;
    switch (call.method) {
      case 'tools/call':
        return alone ? this.#callTool(alone, call) : this.#byName(call);
      case 'prompts/get':
        return alone ? alone.handle(call) : this.#byName(call);
      case 'resources/read':
        return alone ? alone.handle(call) : this.#byUri(call, servers, call.params['uri']);
      case 'completion/complete':
        return alone ? alone.handle(call) : this.#complete(call, servers);
      case 'subscriptions/listen':
        return this.#subscriptions.listen(call, servers, (uri) =>
          alone ? Promise.resolve(alone) : this.#owner(call, servers, uri),
        );
      case 'server/discover':
        return this.#discover(call, servers, alone);
      case 'tasks/get':
      case 'tasks/update':
      case 'tasks/result':
      case 'tasks/list':
      case 'tasks/cancel':
        return this.#tasks.handle(call, servers);
      default:
        return LISTS.has(call.method)
          ? this.#list(call, servers, alone)
          : failure('method_not_found', call.method);
    }
  }

  /** Ends the subscriptions, each with its result. */
  close(): void {
    this.#subscriptions.close();
  }

  #serversOf(call: Call): readonly Upstream[] | undefined {
    if (call.scope === undefined) return this.#upstreams.all();
    const server = this.#upstreams.get(call.scope);
    return server && [server];
  }

  #byName(call: Call): Promise<Reply> | Reply {
    const { name } = call.params;
    const target = typeof name === 'string' ? unqualify(name) : undefined;
    const server = target && this.#upstreams.get(target.server);
    if (!target || !server) return unknown(call.method, name);
    const named = { ...call, params: { ...call.params, name: target.name } };
    return call.method === 'tools/call' ? this.#callTool(server, named) : server.handle(named);
  }

  /** Calls a tool, its name the server's own, unless the headers of the request say something else than its body. */
  #callTool(server: Upstream, call: Call): Promise<Reply> | Reply {
    const wrong = call.mismatch && this.#mirroring.wrong(server, call);
    if (!wrong) return this.#tasks.callTool(server, call);
    return 'kind' in wrong ? wrong : wrong.then((found) => found ?? this.#tasks.callTool(server, call));
  }

  async #byUri(call: Call, servers: readonly Upstream[], uri: unknown): Promise<Reply> {
    const server = typeof uri === 'string' ? await this.#owner(call, servers, uri) : undefined;
    return server ? server.handle(call) : failure('unknown_resource', undefined, { uri: asText(uri) });
  }

  /** Whose resource this is: of the first server that lists it, else of the first with a template it fits. */
  async #owner(call: Call, servers: readonly Upstream[], uri: string): Promise<Upstream | undefined> {
    const listed = await this.#everywhere(call, servers, 'resources/list');
    const byList = listed.find(({ listing }) => listing.items.some((item) => item['uri'] === uri));
    if (byList) return byList.server;
    const templates = await this.#everywhere(call, servers, 'resources/templates/list');
    return templates.find(({ listing }) =>
      listing.items.some((item) => {
        const { uriTemplate } = item;
        return typeof uriTemplate === 'string' && (uriTemplate === uri || matchesTemplate(uriTemplate, uri));
      }),
    )?.server;
  }

  async #complete(call: Call, servers: readonly Upstream[]): Promise<Reply> {
    const { ref } = call.params;
    if (!isObject(ref)) return failure('invalid_params', 'completion/complete needs a ref.');
    if (ref['type'] === 'ref/resource') return this.#byUri(call, servers, ref['uri']);
    const { name } = ref;
    const target = typeof name === 'string' ? unqualify(name) : undefined;
    const server = target && this.#upstreams.get(target.server);
    if (!target || !server) return unknown('prompts/get', name);
    return server.handle({ ...call, params: { ...call.params, ref: { ...ref, name: target.name } } });
  }

  async #list(call: Call, servers: readonly Upstream[], alone: Upstream | undefined): Promise<Reply> {
    // Every page of every server is in the first answer, so no cursor was ever given out.
    if (call.params['cursor'] !== undefined)
      return failure('invalid_params', 'This cursor is not one of ours.');
    const member = LISTS.get(call.method)?.member ?? '';
    if (alone) {
      const listing = await this.#listOf(alone, call.method, call);
      if ('code' in listing) return { kind: 'failure', error: listing };
      const items = this.#shown(call, alone, listing);
      return result({ [member]: items, ttlMs: finite(listing.ttlMs), cacheScope: 'private' });
    }
    const found = await this.#everywhere(call, servers, call.method);
    const items = found.flatMap(({ server, listing }) =>
      this.#shown(call, server, listing).map((item) =>
        hasName(call.method) ? qualified(server.name, item) : item,
      ),
    );
    const ttlMs = Math.min(
      ...found.map(({ listing }) => listing.ttlMs),
      found.length === servers.length ? Infinity : 0,
    );
    return result({ [member]: items, ttlMs: finite(ttlMs), cacheScope: 'private' });
  }

  /** What of a list the caller gets to see. The list itself is kept for all who share the view. */
  #shown(call: Call, { name }: Upstream, { items }: Listing): JsonObject[] {
    const shows = this.#shows;
    return shows ? items.filter((item) => shows(call, name, call.method, item)) : [...items];
  }

  async #listOf(server: Upstream, method: string, call: Call): Promise<Listing | RpcError> {
    const listing = await this.#catalogue.list(server, method, call);
    if (method === 'tools/list') this.#mirroring.learn(server, call, listing);
    return listing;
  }

  /** The same list of every server, all at once. One that cannot answer is left out: the others still work. */
  async #everywhere(
    call: Call,
    servers: readonly Upstream[],
    method: string,
  ): Promise<{ server: Upstream; listing: Listing }[]> {
    const all = await Promise.all(
      servers.map(async (server) => ({ server, listing: await this.#listOf(server, method, call) })),
    );
    return all.flatMap(({ server, listing }) => ('code' in listing ? [] : [{ server, listing }]));
  }

  async #discover(call: Call, servers: readonly Upstream[], alone: Upstream | undefined): Promise<Reply> {
    const descriptions = await Promise.all(servers.map((server) => server.describe(call)));
    if (alone) {
      const [only] = descriptions;
      if (!only || 'code' in only) return { kind: 'failure', error: only ?? failure('internal_error').error };
      return discovered(only.info, { ...only, capabilities: passedOn(only.capabilities, call.client) });
    }
    const ready = servers.flatMap((server, i) => {
      const description = descriptions[i];
      return description && !('code' in description) ? [{ server, description }] : [];
    });
    const instructions = ready
      .filter(({ description }) => description.instructions !== undefined)
      .map(({ server, description }) => `# ${server.name}\n${description.instructions}`);
    return discovered(
      { ...this.#self },
      {
        capabilities: merged(ready.map(({ description }) => passedOn(description.capabilities, call.client))),
        instructions: instructions.length > 0 ? instructions.join('\n\n') : undefined,
      },
    );
  }
}

function discovered(
  info: JsonObject,
  description: Pick<Description, 'capabilities' | 'instructions'>,
): Reply {
  const { capabilities, instructions } = description;
  return result({
    supportedVersions: [MODERN_VERSION],
    capabilities,
    ...(instructions !== undefined && { instructions }),
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { [META.serverInfo]: info },
  });
}

/** The capabilities with lists. They may change behind a server's back, when the config is reloaded. */
const LISTING: ReadonlySet<string> = new Set(['tools', 'prompts', 'resources']);
const CARRIED = [...LISTING, 'completions', 'logging'];

/** Capabilities that this gateway carries. What it cannot carry, it does not promise. */
function passedOn(capabilities: JsonObject, client: Client): JsonObject {
  const carried: JsonObject = { ...taskCapability(client, capabilities) };
  for (const name of CARRIED) {
    const capability = capabilities[name];
    if (isObject(capability))
      carried[name] = LISTING.has(name) ? { ...capability, listChanged: true } : capability;
  }
  return carried;
}

function merged(all: readonly JsonObject[]): JsonObject {
  const union: JsonObject = {};
  for (const capabilities of all)
    for (const [name, value] of Object.entries(capabilities))
      union[name] = { ...(isObject(union[name]) ? union[name] : {}), ...(isObject(value) ? value : {}) };
  return union;
}

function hasName(method: string): boolean {
  return method === 'tools/list' || method === 'prompts/list';
}

function qualified(server: string, item: JsonObject): JsonObject {
  return typeof item['name'] === 'string' ? { ...item, name: qualify(server, item['name']) } : item;
}

function unknown(method: string, name: unknown): Failure {
  return failure(method === 'tools/call' ? 'unknown_tool' : 'unknown_prompt', undefined, {
    name: asText(name),
  });
}

/** What a client put where a name belongs, to be told back to it: whatever is no text is left out. */
function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** JSON knows no Infinity: a list that is valid until further notice may still be asked for again after a minute. */
function finite(ttlMs: number): number {
  return Number.isFinite(ttlMs) ? ttlMs : 0;
}
