import type { Body } from '../core/body.ts';
import type { Answers, Call, Client } from '../core/call.ts';
import { ERRORS } from '../core/errors.ts';
import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { META, MODERN_VERSION } from '../core/protocol.ts';
import { askable } from '../core/questions.ts';
import { failure, type Reply } from '../core/reply.ts';
import { takesTasks, TASKS_EXTENSION } from '../core/tasks.ts';
import { withTraceHeaders } from '../core/trace-context.ts';
import type { Description } from '../core/upstream.ts';
import type { Link } from './link.ts';
import { Listening } from './listening.ts';
import { OpenTasks } from './open-tasks.ts';
import { ToolHeaders } from './tool-headers.ts';
import type { Peer, Self, Times } from './peer.ts';

/** Pages of a list of tools that are asked for at most. */
const MOST_PAGES = 100;

/** A server of 2026-07-28: stateless, each request carries everything. */
export class ModernPeer implements Peer {
  readonly era = 'modern';
  readonly protocolVersion = MODERN_VERSION;
  readonly description: Description;
  /** A modern server asks within the reply of the very call. */
  readonly oneAtATime = false;
  readonly tasks = new OpenTasks();
  readonly #link: Link;
  readonly #self: Self;
  readonly #times: Times;
  readonly #listening: Listening;
  /** Only over HTTP. */
  readonly #toolHeaders: ToolHeaders | undefined;

  constructor(link: Link, self: Self, times: Times, description: Description) {
    this.#link = link;
    this.#self = self;
    this.#times = times;
    this.description = description;
    this.#toolHeaders = link.streamPerRequest ? new ToolHeaders((problem) => link.warn(problem)) : undefined;
    this.#listening = new Listening(link, description.capabilities, envelope({ ...self }, {}));
  }

  async call(call: Call): Promise<Reply> {
    let reply = await this.#send(call);
    if (this.#toolHeaders && isHeaderMismatch(reply)) {
      // What the tool wants in headers has changed, or was never heard of; the server did not work on it.
      await this.#relist(call, this.#toolHeaders);
      reply = await this.#send(call);
    }
    if (reply.kind !== 'result') return reply;
    const read = readResult(reply.body, call);
    this.tasks.learn(call, read);
    if (!this.#toolHeaders || call.method !== 'tools/list' || read.kind !== 'result') return read;
    return { ...read, body: this.#toolHeaders.learn(read.body) };
  }

  #send(call: Call): Promise<Reply> {
    return this.#link.send({
      method: call.method,
      params: (id) => this.#params(call, id),
      timeoutMs: this.#times.callMs,
      mostMs: this.#times.callMaxMs,
      caller: call,
      headers: this.#headers(call),
    });
  }

  #headers({ method, params, meta, onBehalf }: Call): Readonly<Record<string, string>> | undefined {
    const mirrored = withTraceHeaders(this.#toolHeaders?.for(method, params), meta);
    return onBehalf ? { ...mirrored, ...onBehalf } : mirrored;
  }

  /** > on a HeaderMismatch error, the client SHOULD refresh tools/list and retry  (basic/transports/streamable-http) */
  async #relist({ client }: Call, toolHeaders: ToolHeaders): Promise<void> {
    let cursor: JsonValue | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const meta = envelope(client.info ?? { ...this.#self }, askable(client.capabilities));
      const params = { ...(cursor !== undefined && { cursor }), _meta: meta };
      const reply = await this.#link.send({
        method: 'tools/list',
        params: () => params,
        timeoutMs: this.#times.startMs,
      });
      if (reply.kind !== 'result') return;
      toolHeaders.learn(reply.body);
      cursor = reply.body.tryParse()?.['nextCursor'];
      if (typeof cursor !== 'string') return;
    }
  }

  holds(): boolean {
    return false;
  }

  /** What a modern server asks, it forgets until it is told the answer. */
  readonly parked = false;

  evict(): void {}

  async idle(): Promise<void> {}

  watch(uris: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    return this.#listening.to(uris);
  }

  #params(call: Call, id: number): JsonObject {
    const meta: JsonObject = {
      ...call.meta,
      ...envelope(call.client.info ?? { ...this.#self }, abilitiesOf(call.client)),
    };
    if (call.wantsProgress) meta['progressToken'] = id;
    if (call.logLevel !== undefined) meta[META.logLevel] = call.logLevel;
    return call.answers
      ? { ...call.params, ...answersIn(call.answers), _meta: meta }
      : { ...call.params, _meta: meta };
  }
}

function isHeaderMismatch(reply: Reply): boolean {
  return reply.kind === 'failure' && reply.error.code === ERRORS.header_mismatch.rpc;
}

/** What `_meta` must say on every request. */
export function envelope(clientInfo: JsonObject, capabilities: JsonObject): JsonObject {
  return {
    [META.protocolVersion]: MODERN_VERSION,
    [META.clientInfo]: clientInfo,
    [META.clientCapabilities]: capabilities,
  };
}

/** What a server may do with the client: ask it some things, and answer it with tasks. */
function abilitiesOf(client: Client): JsonObject {
  const asked = askable(client.capabilities);
  if (client.era === 'legacy' || !takesTasks(client)) return asked;
  return { ...asked, extensions: { [TASKS_EXTENSION]: {} } };
}

/** Answers as parameters. The protocol has no refusal but for elicitation, so a refused question stays unanswered. */
function answersIn(answers: Answers): JsonObject {
  const responses = [...answers.responses].flatMap(([key, answer]) =>
    'result' in answer ? [[key, answer.result] as const] : [],
  );
  return {
    inputResponses: Object.fromEntries(responses),
    ...(answers.state !== undefined && { requestState: answers.state }),
  };
}

const COMPLETE = '"resultType":"complete"';

/**
 * A modern result always says its `resultType`, and one of an unknown type counts as invalid (basic/index). Inside the
 * house the reply says it, so it is taken out of the body.
 */
function readResult(body: Body, { method, client }: Call): Reply {
  const complete = body.withoutEnd(COMPLETE);
  if (complete) return { kind: 'result', body: complete };
  const value = body.tryParse();
  if (!value) return failure('server_reply_invalid', 'It is no JSON object.');
  const { resultType, inputRequests, requestState } = value;
  if (resultType === 'complete') return { kind: 'result', body: body.without('resultType') };
  // > A server MUST NOT return CreateTaskResult to a client that did not declare the extension  (SEP-2663)
  const mayBeTask = method === 'tools/call' && client.era === 'modern' && takesTasks(client);
  if (resultType === 'task' && mayBeTask)
    return { kind: 'result', resultType, body: body.without('resultType') };
  if (resultType !== 'input_required')
    return failure('server_reply_invalid', `Its resultType is ${JSON.stringify(resultType)}.`);
  return {
    kind: 'input_required',
    inputRequests: isObject(inputRequests) ? inputRequests : {},
    ...(typeof requestState === 'string' && { requestState }),
  };
}
