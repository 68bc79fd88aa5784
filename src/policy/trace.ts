import { hash } from 'node:crypto';
import type { Call } from '../core/call.ts';
import { ERRORS } from '../core/errors.ts';
import type { Policy } from '../core/handler.ts';
import type { Reply } from '../core/reply.ts';
import { traceContextOf, withTraceContext } from '../core/trace-context.ts';
import type { OpenSpan, SpanFacts, Tracing } from '../telemetry/traces.ts';
import { isToolError, knownReasonOf } from './outcome.ts';

/** How one server is reached, in the words of the conventions. */
export interface ReachedBy {
  readonly 'network.transport': 'tcp' | 'pipe';
  readonly 'network.protocol.name'?: 'http';
  readonly 'server.address'?: string;
  readonly 'server.port'?: number;
}

/** Errors that say that the caller asked for something wrong: for whoever is asked they are none. */
const NOT_OURS: ReadonlySet<number> = new Set([-32700, -32600, -32601, -32602, -32002]);
/** Names are a client's word. What cannot be one of a tool or a method is not repeated. */
const NAME = /^[A-Za-z0-9_./-]{1,128}$/;

/**
 * Spans by the semantic conventions of OpenTelemetry for MCP: one for each call that comes in, and beneath it one for
 * each request to a server. Who called is in none of them, nor from where, nor the URI of a resource, nor arguments or
 * results; `sallyport.call` is the id by which the logs know the call.
 */
export class CallTracer {
  readonly #tracing: Tracing;
  readonly #reachedBy: (server: string) => ReachedBy;

  constructor(tracing: Tracing, reachedBy: (server: string) => ReachedBy) {
    this.#tracing = tracing;
    this.#reachedBy = reachedBy;
  }

  /** Around everything: somebody calls us. */
  readonly policy: Policy = (next) => async (call) => {
    const said = call.meta && traceContextOf(call.meta);
    const span = this.#tracing.begin({
      name: nameOf(call),
      kind: 'server',
      // > MCP server instrumentation SHOULD, by default, use context extracted from MCP params._meta as a parent for
      // > MCP server span and SHOULD link current ambient context, if it's present.  (gen-ai/mcp)
      parent: said ?? call.trace,
      link: said && call.trace,
    });
    // Most spans are not recorded where there are many; then nothing is worked out for them.
    if (span.isRecorded) span.say({ ...factsOf(call), ...cameBy(call), 'mcp.session.id': sessionOf(call) });
    return ended(span, call, next, NOT_OURS);
  };

  /** Around one server: we call it. */
  readonly policyFor = (server: string): Policy => {
    return (next) => async (call) => {
      const span = this.#tracing.begin({
        name: nameOf(call),
        kind: 'client',
        parent: call.meta && traceContextOf(call.meta),
      });
      if (span.isRecorded)
        span.say({ ...factsOf(call), ...this.#reachedBy(server), 'sallyport.server': server });
      // > All JSON-RPC error codes SHOULD be considered errors.  (the client's side)
      return ended(span, call, next, NONE);
    };
  };
}

const NONE: ReadonlySet<number> = new Set();

/** Goes on within a span, and says how that ended. */
async function ended(
  span: OpenSpan,
  call: Call,
  next: Parameters<Policy>[0],
  harmless: ReadonlySet<number>,
): Promise<Reply> {
  try {
    const reply = await next({ ...call, meta: withTraceContext(call.meta, span.context) });
    if (span.isRecorded) sayEnd(span, reply, harmless);
    return reply;
  } catch (error) {
    span.say({ 'error.type': 'internal_error' });
    span.fail();
    throw error;
  } finally {
    span.end();
  }
}

function sayEnd(span: OpenSpan, reply: Reply, harmless: ReadonlySet<number>): void {
  if (reply.kind !== 'failure') {
    // > When CallToolResult is returned with isError set to true, this attribute SHOULD be set to tool_error.
    if (isToolError(reply)) fail(span, { 'error.type': 'tool_error' });
    return;
  }
  const { code } = reply.error;
  const reason = knownReasonOf(reply.error);
  const facts = { 'rpc.response.status_code': `${code}`, 'sallyport.reason': reason };
  if (harmless.has(code)) return span.say(facts);
  // The details behind the sentence of the table are not repeated, nor what a server says.
  fail(span, { ...facts, 'error.type': `${code}` }, reason && ERRORS[reason].message);
}

function fail(span: OpenSpan, facts: SpanFacts, message?: string): void {
  span.say(facts);
  span.fail(message);
}

/** `{mcp.method.name} {target}`, where the target is a tool or a prompt. */
function nameOf(call: Call): string {
  const target = targetOf(call);
  return target === undefined ? methodOf(call) : `${methodOf(call)} ${target}`;
}

function methodOf({ method }: Call): string {
  return NAME.test(method) ? method : '_OTHER';
}

function targetOf({ method, params }: Call): string | undefined {
  const name = method === 'tools/call' || method === 'prompts/get' ? params['name'] : undefined;
  return typeof name === 'string' && NAME.test(name) ? name : undefined;
}

function factsOf(call: Call): SpanFacts {
  const target = targetOf(call);
  const isTool = call.method === 'tools/call';
  return {
    'mcp.method.name': methodOf(call),
    'mcp.protocol.version': call.client.protocolVersion,
    'gen_ai.operation.name': isTool ? 'execute_tool' : undefined,
    'gen_ai.tool.name': isTool ? target : undefined,
    'gen_ai.prompt.name': isTool ? undefined : target,
    'sallyport.call': call.id,
  };
}

/** Over pipes there is no address. The id of a request is its client's word, too. */
function cameBy({ address, requestId = '' }: Call): SpanFacts {
  const id = NAME.test(`${requestId}`) ? `${requestId}` : undefined;
  return address === undefined
    ? { 'network.transport': 'pipe', 'jsonrpc.request.id': id }
    : { 'network.transport': 'tcp', 'network.protocol.name': 'http', 'jsonrpc.request.id': id };
}

/** Who knows the id of a session may speak in it; its hash only tells which calls belong together. */
function sessionOf({ session }: Call): string | undefined {
  return session && hash('sha256', session.id, 'hex').slice(0, 32);
}
