import type { Call, MirroredParameter } from '../core/call.ts';
import { failure, type Failure, type RpcError } from '../core/reply.ts';
import type { Upstream, Upstreams } from '../core/upstream.ts';
import { mirroredParameters } from '../wire/mcp-headers.ts';
import type { Catalogue, Listing } from './catalogue.ts';

/** Tools with parameters that requests repeat in headers. */
type Annotated = ReadonlyMap<string, readonly MirroredParameter[]>;

/** What a caller's view of a server was last seen to list. */
interface Seen {
  readonly principal: string;
  readonly listing: Listing;
  /** A list that could not be had is asked for again after this time. */
  readonly until: number;
}

const NO_TOOLS: Listing = { items: [], ttlMs: 0, timed: false };
const RETRY_MS = 60_000;

/**
 * Holds calls of tools to their `x-mcp-header` annotations: arguments that a request repeats in `Mcp-Param-*` headers
 * must be the same in both, and a header must not be left out (SEP-2243).
 *
 * Which tools have annotations is known from the lists that pass by. Where none has passed by yet, the first call asks
 * for it: a client may know the tool from before this gateway was started, and a header that is missing is the easiest
 * way around whoever decides by it.
 */
export class Mirroring {
  readonly #catalogue: Catalogue;
  /** By server and view. */
  readonly #seen = new Map<string, Map<string, Seen>>();
  /** Found out at the first call: most lists are never asked about. */
  readonly #annotated = new WeakMap<Listing, Annotated>();

  constructor(upstreams: Upstreams, catalogue: Catalogue) {
    this.#catalogue = catalogue;
    upstreams.onListChanged(({ server, principal, kind }) => {
      const views = kind === 'tools' ? this.#seen.get(server) : undefined;
      for (const [view, seen] of views ?? [])
        if (principal === undefined || seen.principal === principal) views?.delete(view);
    });
    upstreams.onViewEnded(({ server, view }) => this.#seen.get(server)?.delete(view));
  }

  /** Remembers what a caller was shown. */
  learn(server: Upstream, call: Call, listing: Listing | RpcError): void {
    const views = this.#seen.get(server.name) ?? new Map<string, Seen>();
    this.#seen.set(server.name, views);
    const view = server.view(call);
    const isList = !('code' in listing);
    if (!isList && views.get(view)?.until === Infinity) return;
    // Nobody knows of annotations that nobody was shown; and a server that cannot list may still work.
    views.set(view, {
      principal: call.principal.id,
      listing: isList ? listing : NO_TOOLS,
      until: isList ? Infinity : Date.now() + RETRY_MS,
    });
  }

  /** What is wrong with the headers of a `tools/call`; at once, unless the server must be asked for its list first. */
  wrong(server: Upstream, call: Call): Failure | undefined | Promise<Failure | undefined> {
    const seen = this.#seen.get(server.name)?.get(server.view(call));
    if (seen && seen.until > Date.now()) return this.#compare(seen.listing, call);
    return this.#catalogue.list(server, 'tools/list', call).then((listing) => {
      this.learn(server, call, listing);
      return 'code' in listing ? undefined : this.#compare(listing, call);
    });
  }

  #compare(listing: Listing, call: Call): Failure | undefined {
    const { name } = call.params;
    const annotated = this.#annotated.get(listing) ?? annotatedOf(listing);
    this.#annotated.set(listing, annotated);
    const parameters = typeof name === 'string' ? annotated.get(name) : undefined;
    const problem = parameters && call.mismatch?.(parameters);
    return problem === undefined ? undefined : failure('header_mismatch', problem);
  }
}

/** Annotations that break the rules ask for nothing: clients must not use such a tool at all. */
function annotatedOf({ items }: Listing): Annotated {
  const found = new Map<string, readonly MirroredParameter[]>();
  for (const { name, inputSchema } of items) {
    const parameters = typeof name === 'string' ? mirroredParameters(inputSchema) : [];
    if (typeof name === 'string' && typeof parameters !== 'string' && parameters.length > 0)
      found.set(name, parameters);
  }
  return found;
}
