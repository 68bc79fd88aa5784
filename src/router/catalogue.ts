import type { Call } from '../core/call.ts';
import { Cancellation } from '../core/cancellation.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { failure, type RpcError } from '../core/reply.ts';
import type { ListKind, Upstream, Upstreams } from '../core/upstream.ts';

/** A method that lists, the member its result holds the list in, and the capability a server needs for it. */
export const LISTS: ReadonlyMap<string, { member: string; kind: ListKind }> = new Map([
  ['tools/list', { member: 'tools', kind: 'tools' }],
  ['prompts/list', { member: 'prompts', kind: 'prompts' }],
  ['resources/list', { member: 'resources', kind: 'resources' }],
  ['resources/templates/list', { member: 'resourceTemplates', kind: 'resources' }],
]);

/** A whole list of one server: all its pages. */
export interface Listing {
  readonly items: readonly JsonObject[];
  /** Milliseconds the list may be kept by who gets it; 0: ask again each time. */
  readonly ttlMs: number;
  /** Did the server itself say how long? Legacy servers never do. */
  readonly timed: boolean;
}

const NOTHING: Listing = { items: [], ttlMs: 0, timed: false };

const PAGES = 200;
const ITEMS = 20_000;

/**
 * What the servers offer, per principal: a server may show each caller another list. A list is kept for as long as its
 * own `ttlMs` allows; one that has none, until the server says that it changed, if it is one that says so.
 */
export class Catalogue {
  readonly #lists = new Map<string, Kept>();

  constructor(upstreams: Upstreams) {
    upstreams.onListChanged(({ server, principal, kind }) => {
      for (const [at, list] of this.#lists) {
        const concerned = principal === undefined || list.principal === principal;
        if (list.server === server && list.kind === kind && concerned) this.#lists.delete(at);
      }
    });
    upstreams.onViewEnded(({ server, view }) => {
      for (const method of LISTS.keys()) this.#lists.delete(keyOf(server, view, method));
    });
  }

  /** The whole list of one server for the caller, or why there is none. */
  async list(upstream: Upstream, method: string, call: Call): Promise<Listing | RpcError> {
    const list = LISTS.get(method);
    const description = await upstream.describe(call);
    if ('code' in description) return description;
    const capability = list && description.capabilities[list.kind];
    if (!list || !isObject(capability)) return NOTHING;
    const at = keyOf(upstream.name, upstream.view(call), method);
    const kept = this.#lists.get(at);
    if (kept && kept.until > Date.now()) return kept.listing;
    const listing = fetchAll(upstream, method, list.member, call);
    const entry: Kept = {
      server: upstream.name,
      principal: call.principal.id,
      kind: list.kind,
      listing,
      until: Infinity,
    };
    this.#lists.set(at, entry);
    let keep = 0;
    try {
      const fetched = await listing;
      if (!('code' in fetched)) keep = keepMs(fetched, capability);
      return fetched;
    } finally {
      if (keep === 0 && this.#lists.get(at) === entry) this.#lists.delete(at);
      else entry.until = Date.now() + keep;
    }
  }
}

function keyOf(server: string, view: string, method: string): string {
  return JSON.stringify([server, view, method]);
}

/** How long a list may be kept here, in milliseconds. */
function keepMs(listing: Listing, capability: JsonObject): number {
  if (listing.timed) return listing.ttlMs;
  return capability['listChanged'] === true ? Infinity : 0;
}

interface Kept {
  readonly server: string;
  readonly principal: string;
  readonly kind: ListKind;
  readonly listing: Promise<Listing | RpcError>;
  until: number;
}

/** Follows `nextCursor` to the end. A server that never ends its list is cut off, not followed for ever. */
export async function fetchAll(
  upstream: Upstream,
  method: string,
  member: string,
  call: Call,
): Promise<Listing | RpcError> {
  const items: JsonObject[] = [];
  let ttlMs = Infinity;
  let timed = true;
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const result = await fetchPage(upstream, method, cursor, call);
    if (!result.page) return result.error;
    const { [member]: listed, ttlMs: ttl, nextCursor } = result.page;
    timed &&= typeof ttl === 'number';
    ttlMs = Math.min(ttlMs, typeof ttl === 'number' ? Math.max(0, ttl) : 0);
    for (const item of Array.isArray(listed) ? listed : []) {
      if (items.length === ITEMS) return { items, ttlMs, timed };
      if (isObject(item)) items.push(item);
    }
    if (typeof nextCursor !== 'string' || nextCursor === cursor) break;
    cursor = nextCursor;
  }
  return { items, ttlMs, timed };
}

async function fetchPage(
  upstream: Upstream,
  method: string,
  cursor: string | undefined,
  call: Call,
): Promise<{ page: JsonObject } | { page?: never; error: RpcError }> {
  const reply = await upstream.handle({
    ...call,
    method,
    params: cursor === undefined ? {} : { cursor },
    answers: undefined,
    wantsProgress: false,
    logLevel: undefined,
    // Others may wait for the same list: it does not end with the caller who happened to be the first.
    cancellation: new Cancellation(),
  });
  if (reply.kind === 'failure') return { error: reply.error };
  if (reply.kind !== 'result')
    return failure('server_reply_invalid', `It answered ${method} with a question.`);
  const page = reply.body.tryParse();
  return page ? { page } : failure('server_reply_invalid', `Its answer to ${method} is no JSON object.`);
}
