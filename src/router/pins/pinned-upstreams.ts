import { Body } from '../../core/body.ts';
import type { Call } from '../../core/call.ts';
import { Cancellation } from '../../core/cancellation.ts';
import type { Handler } from '../../core/handler.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { failure, type Reply, type RpcError } from '../../core/reply.ts';
import type { Description, Upstream, Upstreams } from '../../core/upstream.ts';
import { wrappedUpstreams } from '../../core/wrapped-upstreams.ts';
import { type Kind, nameOf } from './item.ts';
import type { PinBoard } from './pins.ts';

/** The lists that are pinned. */
const LISTED: ReadonlyMap<string, Kind> = new Map([
  ['tools/list', 'tools'],
  ['prompts/list', 'prompts'],
  ['resources/templates/list', 'resourceTemplates'],
]);
/** What is called by a name of such a list, and which list that is. */
const CALLED: ReadonlyMap<string, readonly [kind: Kind, list: string]> = new Map([
  ['tools/call', ['tools', 'tools/list'] as const],
  ['prompts/get', ['prompts', 'prompts/list'] as const],
]);

/** The servers behind their pins: right behind each server, where its names are its own. */
export function pinUpstreams(upstreams: Upstreams, board: PinBoard): Upstreams {
  return wrappedUpstreams(upstreams, (upstream) => new Pinned(upstream, board));
}

class Pinned implements Upstream {
  readonly name: string;
  readonly #upstream: Upstream;
  readonly #board: PinBoard;
  /** The names on the pages of a list that is being read, by list and view. */
  readonly #pages = new Map<string, Set<string>>();

  constructor(upstream: Upstream, board: PinBoard) {
    this.name = upstream.name;
    this.#upstream = upstream;
    this.#board = board;
  }

  readonly handle: Handler = (call) => {
    const kind = LISTED.get(call.method);
    if (kind) return this.#upstream.handle(call).then((reply) => this.#looked(reply, kind, call));
    const called = this.#board.enforces ? CALLED.get(call.method) : undefined;
    return called ? this.#called(call, ...called) : this.#upstream.handle(call);
  };

  async describe(call: Call): Promise<Description | RpcError> {
    const description = await this.#upstream.describe(call);
    if ('code' in description || description.instructions === undefined) return description;
    const item = { name: 'instructions', text: description.instructions };
    const [shown] = this.#board.look(this.name, 'instructions', [item]);
    return shown ? description : { ...description, instructions: undefined };
  }

  view(call: Call): string {
    return this.#upstream.view(call);
  }

  watch(call: Call, uri: string): Promise<(() => void) | undefined> {
    return this.#upstream.watch(call, uri);
  }

  /** Nobody may call what he would not be shown, whether he asked for the list or not. */
  async #called(call: Call, kind: Kind, list: string): Promise<Reply> {
    const { name } = call.params;
    if (typeof name !== 'string') return this.#upstream.handle(call);
    if (this.#board.isQuarantined(this.name, kind, name) === undefined) await this.#readList(call, list);
    // A name that is on no list is the server's to refuse, but not to be led to: it was agreed to by nobody.
    if (this.#board.isQuarantined(this.name, kind, name) !== false)
      return failure('pinned', `It is ${JSON.stringify(name.slice(0, 200))}.`, { name: name.slice(0, 200) });
    return this.#upstream.handle(call);
  }

  async #readList(call: Call, method: string): Promise<void> {
    let cursor: unknown;
    for (let page = 0; page < 100; page++) {
      const reply = await this.handle({
        ...call,
        method,
        params: typeof cursor === 'string' ? { cursor } : {},
        answers: undefined,
        wantsProgress: false,
        logLevel: undefined,
        cancellation: new Cancellation(),
      });
      cursor = reply.kind === 'result' ? reply.body.tryParse()?.['nextCursor'] : undefined;
      if (typeof cursor !== 'string') return;
    }
  }

  #looked(reply: Reply, kind: Kind, call: Call): Reply {
    if (reply.kind !== 'result') return reply;
    const page = reply.body.tryParse();
    const listed = page?.[kind];
    if (!page || !Array.isArray(listed))
      return failure('server_reply_invalid', `Its answer to ${call.method} has no list.`);
    const items = listed.filter((item): item is JsonObject => isObject(item));
    const shown = this.#board.look(this.name, kind, items);
    this.#turn(kind, call, items, typeof page['nextCursor'] === 'string');
    return shown.length === listed.length
      ? reply
      : { ...reply, body: Body.value({ ...page, [kind]: [...shown] }) };
  }

  /** Keeps count of the pages of a list, to know at its end what is not in it. */
  #turn(kind: Kind, call: Call, items: readonly JsonObject[], isMore: boolean): void {
    const at = `${kind} ${this.#upstream.view(call)}`;
    const names = call.params['cursor'] === undefined ? new Set<string>() : this.#pages.get(at);
    if (!names) return;
    for (const item of items) names.add(nameOf(kind, item) ?? '');
    if (isMore) {
      this.#pages.set(at, names);
      return;
    }
    this.#pages.delete(at);
    this.#board.complete(this.name, kind, names);
  }
}
