import type { Answer, Call } from '../core/call.ts';
import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { isLoud, LATEST_LEGACY_VERSION, type LogLevel } from '../core/protocol.ts';
import { ASKING, askable, NOTHING, QUESTIONS } from '../core/questions.ts';
import { failure, type Reply, type RpcError } from '../core/reply.ts';
import { RELATED_TASK, TASKS_EXTENSION } from '../core/tasks.ts';
import { withTraceHeaders } from '../core/trace-context.ts';
import type { Description } from '../core/upstream.ts';
import { InteractiveCall } from './interactive.ts';
import type { Caller, Link } from './link.ts';
import { OpenTasks } from './open-tasks.ts';
import type { Opening, Peer, Times } from './peer.ts';

/** Every published legacy version may come back from a server. */
const SPOKEN: ReadonlySet<string> = new Set(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']);
/** A question that comes outside of any call waits this long for one to carry it. */
const HOLD_MS = 10_000;
/** So many of them may wait. */
const MOST_HELD = 100;
/** Calls of one connection that may wait for their clients. The one that has waited longest makes room for another. */
const MOST_PARKED = 256;

/** A server that opens with `initialize`. */
export class LegacyPeer implements Peer {
  readonly era = 'legacy';
  readonly protocolVersion: string;
  readonly description: Description;
  readonly tasks = new OpenTasks();
  /** What the server was told that the client can be asked. */
  readonly #abilities: JsonObject;
  /** Did it ask on a stream that belongs to no call, although each call has one? */
  #asksAside = false;
  readonly #link: Link;
  readonly #times: Times;
  /** The calls that may be asked something: under way, or parked. */
  readonly #open = new Map<string, InteractiveCall>();
  /** Questions that came while no call was open. */
  readonly #held = new Set<(call: InteractiveCall | undefined) => void>();
  /** The resources that the server tells of. */
  #watching: Promise<ReadonlySet<string>> = Promise.resolve(new Set());
  /** The mildest level the server was asked for; undefined: never asked. */
  #logLevel: LogLevel | undefined;
  /** Resolves when the server has answered that. */
  #levelSet: Promise<unknown> | undefined;

  private constructor(link: Link, opening: Opening, protocolVersion: string, description: Description) {
    this.#link = link;
    this.#times = opening.times;
    this.protocolVersion = protocolVersion;
    this.description = description;
    this.#abilities = opening.capabilities;
    link.onRequest = (method, params, caller) => this.#question(method, params, caller);
  }

  /** Opens the connection: `initialize`, then `notifications/initialized`. */
  static async open(link: Link, opening: Opening): Promise<LegacyPeer | Reply> {
    const reply = await link.send({
      method: 'initialize',
      params: () => ({
        protocolVersion: opening.pinned?.version ?? LATEST_LEGACY_VERSION,
        capabilities: opening.capabilities,
        clientInfo: { name: opening.self.name, version: opening.self.version },
      }),
      timeoutMs: opening.times.startMs,
    });
    if (reply.kind !== 'result') return reply;
    const hello = reply.body.tryParse();
    if (!hello) return failure('server_reply_invalid', 'Its answer to initialize is no JSON object.');
    const { protocolVersion, serverInfo, capabilities, instructions } = hello;
    if (typeof protocolVersion !== 'string' || !SPOKEN.has(protocolVersion))
      return failure(
        'server_reply_invalid',
        `It offers the protocol version ${JSON.stringify(protocolVersion)}.`,
      );
    const peer = new LegacyPeer(link, opening, protocolVersion, {
      info: isObject(serverInfo) ? serverInfo : {},
      capabilities: isObject(capabilities) ? withoutTasksExtension(capabilities) : {},
      instructions: typeof instructions === 'string' ? instructions : undefined,
    });
    link.opened(protocolVersion);
    link.notify('notifications/initialized', {});
    return peer;
  }

  /** Over Streamable HTTP a question says whose it is, unless the server does not care to say so. */
  get oneAtATime(): boolean {
    const mayAsk = Object.keys(this.#abilities).length > 0;
    return mayAsk && (!this.#link.streamPerRequest || this.#asksAside);
  }

  async call(call: Call): Promise<Reply> {
    if (call.logLevel !== undefined) this.#askForLogs(call.logLevel);
    // On a pipe the server reads one after the other; over HTTP the call could be there first.
    if (this.#link.streamPerRequest) await this.#levelSet;
    const mayBeAsked = ASKING.has(call.method) && askable(call.client.capabilities) !== NOTHING;
    const reply = mayBeAsked
      ? await this.#interactive(call)
      : await this.#send(call, call, this.#timesFor(call).callMs);
    this.tasks.learn(call, reply);
    if (reply.kind === 'failure') return modernError(reply.error);
    return reply.kind === 'result' ? { ...reply, legacy: true } : reply;
  }

  holds(state: string): boolean {
    return this.#open.has(state);
  }

  watch(uris: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    // One after the other: the answer to each request depends on what the one before it left.
    this.#watching = this.#watching.then(async (watched) => {
      const gone = [...watched].filter((uri) => !uris.has(uri));
      const fresh = [...uris].filter((uri) => !watched.has(uri));
      await Promise.all(gone.map((uri) => this.#watchOne('resources/unsubscribe', uri)));
      const accepted = await Promise.all(fresh.map((uri) => this.#watchOne('resources/subscribe', uri)));
      const refused = new Set(fresh.filter((_, i) => !accepted[i]));
      return new Set([...uris].filter((uri) => !refused.has(uri)));
    });
    return this.#watching;
  }

  get parked(): boolean {
    return [...this.#open.values()].some((call) => call.parked);
  }

  evict(): void {
    for (const call of this.#open.values()) if (call.parked) call.evict();
  }

  async idle(): Promise<void> {
    for (;;) {
      const open = [...this.#open.values()].filter((call) => call.task === undefined);
      if (open.length === 0) return;
      await Promise.all(open.map((call) => call.finished));
    }
  }

  async #watchOne(method: string, uri: string): Promise<boolean> {
    const resources = this.description.capabilities['resources'];
    if (!isObject(resources) || resources['subscribe'] !== true) return false;
    const reply = await this.#link.send({ method, params: () => ({ uri }), timeoutMs: this.#times.startMs });
    return reply.kind === 'result';
  }

  #send(call: Call, caller: Caller, timeoutMs: number | undefined): Promise<Reply> {
    return this.#link.send({
      method: call.method,
      params: (id) => legacyParams(call, id),
      timeoutMs,
      mostMs: this.#times.callMaxMs,
      caller,
      headers: withTraceHeaders(call.onBehalf, call.meta),
    });
  }

  /** `tasks/result` is answered when the task is over (2025-11-25), however long that takes. */
  #timesFor({ method }: Call): Times {
    const { callMs, callMaxMs = callMs } = this.#times;
    return method === 'tasks/result' ? { ...this.#times, callMs: callMaxMs } : this.#times;
  }

  async #interactive(call: Call): Promise<Reply> {
    const state = call.answers?.state;
    if (state !== undefined) {
      const parked = this.#open.get(state);
      return parked ? parked.next(call) : failure('input_expired');
    }
    if (this.#open.size >= MOST_PARKED) this.#makeRoom();
    const opened = new InteractiveCall(call, this.#timesFor(call), (caller) =>
      this.#send(call, caller, undefined),
    );
    this.#open.set(opened.id, opened);
    void opened.finished.then(() => this.#open.delete(opened.id));
    if (opened.task === undefined) for (const claim of this.#held) claim(opened);
    return opened.next(call);
  }

  #makeRoom(): void {
    const parked = [...this.#open.values()].filter((each) => each.parked);
    if (parked.length >= MOST_PARKED) parked[0]?.evict();
  }

  /**
   * The server asks its client something. Whose client, the transport says, or there is only one call it can be. Where
   * there are several, nobody is asked: to guess would mean to ask the wrong person.
   */
  async #question(method: string, params: JsonObject, caller: Caller | undefined): Promise<Answer> {
    const ability = QUESTIONS.get(method);
    // Nobody would pass on a question that the client cannot be asked, and the call would wait for its answer.
    if (ability === undefined || !isObject(this.#abilities[ability]))
      return { error: { code: -32601, message: `This client does not know ${JSON.stringify(method)}.` } };
    const calls = [...this.#open.values()];
    if (!caller && this.#link.streamPerRequest) this.#asksAside = true;
    const task = relatedTask(params);
    const call = caller
      ? calls.find((each) => each === caller)
      : task === undefined
        ? await this.#onlyOne(calls.filter((each) => each.task === undefined))
        : calls.find((each) => each.task === task);
    if (call) return call.ask(method, params);
    return { error: { code: -32600, message: 'No call is under way whose client could be asked.' } };
  }

  #onlyOne(
    calls: readonly InteractiveCall[],
  ): Promise<InteractiveCall | undefined> | InteractiveCall | undefined {
    if (calls.length === 0) return this.#hold();
    return calls.length === 1 ? calls[0] : undefined;
  }

  #hold(): Promise<InteractiveCall | undefined> | undefined {
    if (this.#held.size >= MOST_HELD) return undefined;
    return new Promise((resolve) => {
      const claim = (call: InteractiveCall | undefined): void => {
        this.#held.delete(claim);
        resolve(call);
      };
      this.#held.add(claim);
      setTimeout(() => claim(undefined), HOLD_MS).unref();
    });
  }

  /**
   * The level is a setting of the whole connection here, and one of each call in the core. So the server is asked for
   * the mildest level anybody wanted, and each call is given what it asked for.
   */
  #askForLogs(level: LogLevel): void {
    if (!isObject(this.description.capabilities['logging'])) return;
    if (this.#logLevel !== undefined && isLoud(level, this.#logLevel)) return;
    this.#logLevel = level;
    this.#levelSet = this.#link.send({
      method: 'logging/setLevel',
      params: () => ({ level }),
      timeoutMs: this.#times.startMs,
    });
  }
}

/** The task that a question came up in; the server asks it while somebody waits for the task's result. */
function relatedTask({ _meta: meta }: JsonObject): JsonValue | undefined {
  const related = isObject(meta) ? meta[RELATED_TASK] : undefined;
  return isObject(related) ? related['taskId'] : undefined;
}

/** A server of both eras may promise here what it does in the newer one only. */
function withoutTasksExtension(capabilities: JsonObject): JsonObject {
  const { extensions } = capabilities;
  if (!isObject(extensions)) return capabilities;
  const { [TASKS_EXTENSION]: _, ...others } = extensions;
  return { ...capabilities, extensions: others };
}

function legacyParams(call: Call, id: number): JsonObject {
  if (!call.meta && !call.wantsProgress) return call.params;
  const meta = call.wantsProgress ? { ...call.meta, progressToken: id } : { ...call.meta };
  return { ...call.params, _meta: meta };
}

/** What two legacy error codes became: a wrong parameter, and a reply that asks the user to open a page. */
function modernError(error: RpcError): Reply {
  if (error.code === -32002) return { kind: 'failure', error: { ...error, code: -32602 } };
  const elicitations = isObject(error.data) ? error.data['elicitations'] : undefined;
  if (error.code !== -32042 || !Array.isArray(elicitations)) return { kind: 'failure', error };
  const inputRequests = elicitations
    .filter(isObject)
    .map((params, i) => [`elicitation-${i + 1}`, { method: 'elicitation/create', params }] as const);
  return { kind: 'input_required', inputRequests: Object.fromEntries(inputRequests) };
}
