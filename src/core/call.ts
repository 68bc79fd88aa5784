import type { Cancellation } from './cancellation.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { Caller } from './principal.ts';
import type { Era, LogLevel } from './protocol.ts';
import type { RpcError } from './reply.ts';
import { Trail } from './trail.ts';

/** The program that speaks for the principal. Everything in here is its own word: good for translation, not for trust. */
export interface Client {
  readonly era: Era;
  readonly protocolVersion: string;
  readonly info: JsonObject | undefined;
  readonly capabilities: JsonObject;
}

/** The session of a legacy client, in which the calls of one conversation come. */
export interface CallSession {
  /** A secret: who knows it may speak in the session. */
  readonly id: string;
  /** Cancelled when the session is over. */
  readonly ended: Cancellation;
}

/** Something a server says while it works on a call: progress or a log message. */
export interface Notification {
  readonly method: string;
  /** Without the progress token: each edge puts in the one its own peer knows. */
  readonly params: JsonObject;
}

/** What became of one question: the client's result, or its refusal. */
export type Answer = { readonly result: JsonObject } | { readonly error: RpcError };

/** The answers to an `input_required` reply, with which the same call comes again. */
export interface Answers {
  /** By the keys of `inputRequests`. */
  readonly responses: ReadonlyMap<string, Answer>;
  /** What the reply called `requestState`. */
  readonly state: string | undefined;
}

/** A parameter of a tool that requests over HTTP repeat in a header. */
export interface MirroredParameter {
  /** As it follows `Mcp-Param-`. */
  readonly header: string;
  /** From the arguments down to the value. */
  readonly path: readonly string[];
}

/** One request of a client, in the words of the newest protocol, whatever the client's own version. */
export interface Call extends Caller {
  /** The gateway's own id for this call: in every log line, never on the wire to a server. */
  readonly id: string;
  /** The id that the client gave the request; undefined for what the gateway asks of its own accord. */
  readonly requestId?: string | number | undefined;
  readonly client: Client;
  /** Undefined for modern clients, which have none. */
  readonly session?: CallSession | undefined;
  /** The server an endpoint like `/servers/<name>/mcp` stands for; undefined: all of them. */
  readonly scope: string | undefined;
  readonly method: string;
  /** Without `_meta`. */
  readonly params: JsonObject;
  /** Of a call about a task: the tool that works on it, by the server's own name. */
  readonly tool?: string | undefined;
  /** What is left of `_meta` without the protocol's own keys: trace context and vendor keys, passed on untouched. */
  readonly meta: JsonObject | undefined;
  /** Present when this is a further round of a call that asked for something. */
  readonly answers: Answers | undefined;
  /**
   * Compares the `Mcp-Param-*` headers with the arguments, both as the client sent them; undefined for what came without
   * headers. Hardly a tool wants any, so they are read when one does.
   * @returns what is wrong with the headers that repeat these parameters
   */
  readonly mismatch?: ((parameters: readonly MirroredParameter[]) => string | undefined) | undefined;
  /** Did the client ask for progress? */
  readonly wantsProgress: boolean;
  /** The mildest log message the client wants; undefined: none. */
  readonly logLevel: LogLevel | undefined;
  readonly cancellation: Cancellation;
  /** Headers that tell a remote server on whose behalf it is called; put there by whoever calls it. */
  readonly onBehalf?: Readonly<Record<string, string>> | undefined;
  /** What the stages found out, for the ones that keep records. Copies of the call have the same one. */
  readonly trail: Trail;
  /** Tells the client something about this call, and nobody else. */
  notify(notification: Notification): void;
}

/**
 * A call with every member it may have, always in the same order. Stages make copies of it with one member changed, and
 * copies of one shape are made fast.
 */
export function newCall(given: NewCall): Call {
  return {
    id: given.id,
    requestId: given.requestId,
    principal: given.principal,
    address: given.address,
    base: given.base,
    trace: given.trace,
    passed: given.passed,
    client: given.client,
    session: given.session,
    scope: given.scope,
    method: given.method,
    params: given.params,
    tool: undefined,
    meta: given.meta,
    answers: given.answers,
    mismatch: given.mismatch,
    wantsProgress: given.wantsProgress,
    logLevel: given.logLevel,
    cancellation: given.cancellation,
    onBehalf: undefined,
    trail: new Trail(),
    notify: given.notify,
  };
}

/** What an edge knows of a call; the rest is what stages find out. */
type NewCall = Omit<Call, 'tool' | 'onBehalf' | 'trail' | 'answers'> & { readonly answers?: Call['answers'] };

/** What a tool, prompt or resource method is about: its name or URI. */
export function targetOf(call: Pick<Call, 'method' | 'params'>): string | undefined {
  const target: JsonValue | undefined =
    call.method === 'resources/read' ? call.params['uri'] : call.params['name'];
  return typeof target === 'string' ? target : undefined;
}
