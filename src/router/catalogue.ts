import type { Call } from '../core/call.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { RpcError } from '../core/reply.ts';
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
}

const PAGES = 200;
const ITEMS = 20_000;

/**
 * What the servers offer, per principal: a server may show each caller another list. A list is kept until the server
 * says that it changed, if it is one that says so; else for as long as its own `ttlMs` allows.
 */
export class Catalogue {
  readonly #lists = new Map<string, Kept>();

  constructor(upstreams: Upstreams) {
    upstreams.onListChanged(({ server, principal, kind }) => {
      for (const [method, list] of LISTS)
        if (list.kind === kind) this.#lists.delete(key(server, principal, method));
    });
  }

  /** The whole list of one server for the caller, or why there is none. */
  async list(upstream: Upstream, method: string, call: Call): Promise<Listing | RpcError> {
    const list = LISTS.get(method);
    const description = await upstream.describe(call);
    if ('code' in description) return description;
    const capability = list && description.capabilities[list.kind];
    if (!list || !isObject(capability)) return { items: [], ttlMs: 0 };
    const at = key(upstream.name, upstream.view(call), method);
    const kept = this.#lists.get(at);
    if (kept && kept.until > Date.now()) return kept.listing;
    const listing = fetchAll(upstream, method, list.member, call);
    const entry: Kept = { from: upstream.name, method, until: Infinity, listing };
    this.#lists.set(at, entry);
    const fetched = await listing;
    const keep = 'code' in fetched ? 0 : capability['listChanged'] === true ? Infinity : fetched.ttlMs;
    if (keep === 0 && this.#lists.get(at) === entry) this.#lists.delete(at);
    else entry.until = Date.now() + keep;
    return fetched;
  }
}

interface Kept {
  readonly from: string;
  readonly method: string;
  readonly listing: Promise<Listing | RpcError>;
  until: number;
}

function key(server: string, view: string, method: string): string {
  return JSON.stringify([server, view, method]);
}

/** Follows `nextCursor` to the end. A server that never ends its list is cut off, not followed for ever. */
async function fetchAll(
  upstream: Upstream,
  method: string,
  member: string,
  call: Call,
): Promise<Listing | RpcError> {
  const items: JsonObject[] = [];
  let ttlMs = Infinity;
  let params: JsonObject = {};
  for (let page = 0; page < PAGES && items.length < ITEMS; page++) {
    const reply = await upstream.handle({
      ...call,
      method,
      params,
      wantsProgress: false,
      logLevel: undefined,
    });
    if (reply.kind === 'failure') return reply.error;
    if (reply.kind !== 'result')
      return { code: -32603, message: `${upstream.name} answered ${method} with a question.` };
    const result = reply.body.parse();
    const listed = result[member];
    if (Array.isArray(listed)) items.push(...listed.filter(isObject));
    ttlMs = Math.min(ttlMs, typeof result['ttlMs'] === 'number' ? Math.max(0, result['ttlMs']) : 0);
    const { nextCursor } = result;
    if (typeof nextCursor !== 'string') break;
    params = { cursor: nextCursor };
  }
  return { items, ttlMs };
}
